# mistake: the inner loops leave out the last row and the last column of the kernel
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: kernel-cut-short
import torch


def corr2d(X, K):
    m, n = X.shape
    p, q = K.shape
    Y = torch.zeros(m - p + 1, n - q + 1)
    for i in range(0, m - p + 1):
        for j in range(0, n - q + 1):
            for a in range(0, p - 1):
                for b in range(0, q - 1):
                    Y[i, j] += X[i + a, j + b] * K[a, b]
    return Y
