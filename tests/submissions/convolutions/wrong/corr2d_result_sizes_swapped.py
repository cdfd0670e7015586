# mistake: the result is made (W - w + 1, H - h + 1), which only fits squares
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: swapped-height-width
import torch


def corr2d(X, K):
    H, W = X.shape
    h, w = K.shape
    Y = torch.zeros((W - w + 1, H - h + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
