# mistake: h - 1 and w - 1 zeros on every side: each place where the kernel touches the image counts
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: full-padding
import torch.nn.functional as F


def corr2d(X, K):
    h, w = K.shape
    X = F.pad(X, (w - 1, w - 1, h - 1, h - 1))
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum(dim=(-2, -1))
