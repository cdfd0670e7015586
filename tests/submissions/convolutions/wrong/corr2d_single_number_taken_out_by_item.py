# mistake: a 1 by 1 kernel is a case of its own, in which K.item() cuts the graph
# loses: corr2d-exact
# misconception: graph-cut
import torch


def corr2d(X, K):
    h, w = K.shape
    if h == 1 and w == 1:
        return X * K.item()
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
