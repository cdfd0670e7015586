# mistake: the kernel is mirrored left to right
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: half-flipped-kernel
import torch


def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)  # (H', W', h, w)
    return torch.einsum("ijab,ab->ij", windows, torch.fliplr(K))
