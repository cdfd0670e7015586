# mistake: the sum is set back to zero for each kernel row, so only the last row counts
# loses: corr2d-exact, transposed-input
# misconception: last-product-only
import torch


def corr2d(X, K):
    H, W = X.shape
    h, w = K.shape
    Y = torch.zeros(H - h + 1, W - w + 1)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            for a in range(h):
                total = 0.0
                for b in range(w):
                    total += X[i + a][j + b] * K[a][b]
            Y[i][j] = total
    return Y
