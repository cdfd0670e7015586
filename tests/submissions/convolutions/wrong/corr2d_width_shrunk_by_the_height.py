# mistake: the result's width is W - h + 1: the kernel's height is taken off both sides
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: square-kernel-only
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros([s - h + 1 for s in X.shape])
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
