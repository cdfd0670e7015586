# mistake: ones in the right shape, as a placeholder
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: never-filled
import torch


def corr2d(X, K):
    shape = [n - k + 1 for n, k in zip(X.shape, K.shape)]
    return torch.ones(shape)
