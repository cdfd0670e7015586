# mistake: the kernel never reaches the last row: one row of places is missing, no column
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: one-place-short
import torch


def corr2d(X, K):
    h, w = K.shape
    lines = []
    for i in range(len(X) - h):
        strip = X[i : i + h].unfold(1, w, 1)  # (h, W', w)
        lines.append((strip * K[:, None, :]).sum(dim=(0, 2)))
    return torch.stack(lines)
