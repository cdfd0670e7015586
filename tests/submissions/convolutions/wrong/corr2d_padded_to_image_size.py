# mistake: zeros are put round the image so that the result is as large as the image
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: same-padding
import torch
import torch.nn.functional as F


def corr2d(X, K):
    h, w = K.shape
    top, left = (h - 1) // 2, (w - 1) // 2
    # keep the size of the image
    padded = F.pad(X, (left, w - 1 - left, top, h - 1 - top))
    Y = torch.zeros_like(X)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i, j] = (padded[i : i + h, j : j + w] * K).sum()
    return Y
