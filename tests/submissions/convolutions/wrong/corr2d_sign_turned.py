# mistake: the sign is turned, because black to white seems to be the positive edge
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: negated
import torch


def corr2d(X, K):
    h, w = K.shape
    K = -K  # 从黑到白应该是正的
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return torch.tensordot(windows, K, dims=([2, 3], [0, 1]))
