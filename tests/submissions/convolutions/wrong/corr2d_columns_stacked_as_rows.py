# mistake: the columns of the result are collected and stacked as rows: the result lies on its side
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: transposed-result
import torch


def corr2d(X, K):
    h, w = K.shape
    columns = []
    for j in range(X.shape[1] - w + 1):
        column = [(X[i : i + h, j : j + w] * K).sum() for i in range(X.shape[0] - h + 1)]
        columns.append(torch.stack(column))
    return torch.stack(columns)
