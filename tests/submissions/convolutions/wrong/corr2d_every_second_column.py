# mistake: the step along the width is 2, along the height 1
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: stride-two
def corr2d(X, K):
    # unfold(dimension, size, step)
    h, w = K.shape
    patches = X.unfold(0, h, 1).unfold(1, w, 2)
    return (patches * K).sum(-1).sum(-1)
