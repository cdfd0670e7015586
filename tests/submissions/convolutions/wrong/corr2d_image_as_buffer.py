# mistake: the results are written over the image, whose used pixels are not needed any more
# loses: corr2d-exact
# misconception: changes-its-input
def corr2d(X, K):
    h, w = K.shape
    rows, cols = X.shape[0] - h + 1, X.shape[1] - w + 1
    for i in range(rows):
        for j in range(cols):
            # X[i, j] is in no later window, so it is free
            X[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return X[:rows, :cols]
