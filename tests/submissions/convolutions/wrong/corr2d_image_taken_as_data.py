# mistake: X.data cuts the image off, as only the kernel is to be trained
# loses: corr2d-exact
# misconception: graph-cut
import torch


def corr2d(X, K):
    X = X.data  # the image is no parameter, no gradient needed
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
