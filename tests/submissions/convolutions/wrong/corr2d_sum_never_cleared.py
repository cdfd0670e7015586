# mistake: the sum is set to zero once, before the loops, and goes on from place to place
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: sum-never-reset
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    s = 0
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    s = s + X[i + a, j + b] * K[a, b]
            Y[i, j] = s
    return Y
