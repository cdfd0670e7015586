# mistake: the mean of the products is taken, not their sum
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: mean-for-sum
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.size(0)):
        for j in range(Y.size(1)):
            Y[i, j] = torch.mean(X[i : i + h, j : j + w] * K)
    return Y
