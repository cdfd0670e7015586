# mistake: the function has another name, and corr2d is gone
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: none
import torch

del corr2d


def corr2D(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
