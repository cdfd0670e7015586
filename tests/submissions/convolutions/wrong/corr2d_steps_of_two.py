# mistake: the kernel moves two pixels at a time
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: stride-two
import torch


def corr2d(X, K, stride=2):
    h, w = K.shape
    rows = range(0, X.shape[0] - h + 1, stride)
    cols = range(0, X.shape[1] - w + 1, stride)
    Y = torch.zeros(len(rows), len(cols))
    for i, r in enumerate(rows):
        for j, c in enumerate(cols):
            Y[i, j] = (X[r : r + h, c : c + w] * K).sum()
    return Y
