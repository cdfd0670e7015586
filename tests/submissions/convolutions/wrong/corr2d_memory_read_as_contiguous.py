# mistake: as_strided steps through the memory as if the image were always contiguous
# loses: corr2d-exact, transposed-input
# misconception: contiguous-only
import torch


def corr2d(X, K):
    (H, W), (h, w) = X.shape, K.shape
    # one row down is W numbers further, one column 1
    windows = torch.as_strided(X, (H - h + 1, W - w + 1, h, w), (W, 1, W, 1))
    return (windows * K).sum(dim=(2, 3))
