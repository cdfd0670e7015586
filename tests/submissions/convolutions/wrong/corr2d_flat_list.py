# mistake: the values come back in one long row, never put into rows and columns
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: extra-dimensions
import torch


def corr2d(X, K):
    h, w = K.shape
    results = []
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            results.append((X[i : i + h, j : j + w] * K).sum())
    return torch.stack(results)
