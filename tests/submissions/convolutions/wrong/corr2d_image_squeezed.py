# mistake: X.squeeze() is to drop batch and channel, and drops the rows of an image of one row
# loses: corr2d-exact
# misconception: none
import torch


def corr2d(X, K):
    X = X.squeeze()  # (1, 1, H, W) -> (H, W)
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
