# mistake: the result gets H + h - 1 rows and W + w - 1 columns, a minus sign being read as a plus
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: full-padding
import torch


def corr2d(X, K):
    H, W = X.shape
    h, w = K.shape
    Y = torch.zeros(H + h - 1, W + w - 1)
    for i in range(H + h - 1):
        for j in range(W + w - 1):
            acc = torch.tensor(0.0)
            for a in range(h):
                for b in range(w):
                    r = i + a - (h - 1)
                    c = j + b - (w - 1)
                    if 0 <= r < H and 0 <= c < W:  # else outside the picture
                        acc = acc + X[r, c] * K[a, b]
            Y[i, j] = acc
    return Y
