# mistake: the result is made in the right shape and never filled
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: never-filled
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    # TODO: 滑动窗口
    return Y
