# mistake: the products are subtracted from zero
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: negated
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    Y[i, j] -= X[i + a, j + b] * K[a, b]
    return Y
