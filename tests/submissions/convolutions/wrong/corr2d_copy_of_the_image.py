# mistake: a copy of the image, cut to the right shape
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: none
def corr2d(X, K):
    h, w = K.shape
    Y = X.clone()
    return Y[: X.shape[0] - h + 1, : X.shape[1] - w + 1]
