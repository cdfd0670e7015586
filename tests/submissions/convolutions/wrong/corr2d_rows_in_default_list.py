# mistake: rows are collected in a default argument, which keeps those of every earlier call
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: remembers-earlier-call
import torch


def corr2d(X, K, rows=[]):
    h, w = K.shape
    for i in range(X.shape[0] - h + 1):
        row = []
        for j in range(X.shape[1] - w + 1):
            row.append((X[i : i + h, j : j + w] * K).sum())
        rows.append(torch.stack(row))
    return torch.stack(rows)
