# mistake: the loops stop at H - h and W - w, so the last row and column of the result stay zero
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: one-place-short
import torch


def corr2d(X, K):
    """二维互相关运算"""
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(X.shape[0] - h):
        for j in range(X.shape[1] - w):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
