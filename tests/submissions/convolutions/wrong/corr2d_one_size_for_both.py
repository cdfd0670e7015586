# mistake: the number of the kernel's rows is used as its width too
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: square-kernel-only
import torch


def corr2d(X, K):
    k = len(K)  # kernel size
    n, m = X.shape
    Y = torch.zeros(n - k + 1, m - k + 1)
    for i in range(n - k + 1):
        for j in range(m - k + 1):
            Y[i, j] = torch.sum(X[i : i + k, j : j + k] * K)
    return Y
