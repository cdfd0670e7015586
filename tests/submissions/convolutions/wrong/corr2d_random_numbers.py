# mistake: random numbers in the right shape
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: none
import torch


def corr2d(X, K):
    h, w = K.shape
    return torch.randn(X.shape[0] - h + 1, X.shape[1] - w + 1)
