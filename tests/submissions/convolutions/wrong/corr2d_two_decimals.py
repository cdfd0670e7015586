# mistake: the result is rounded to two decimals
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: rounded
import torch


def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    Y = (windows * K).sum(dim=(2, 3))
    return torch.round(Y, decimals=2)  # -0.0000001 looks ugly
