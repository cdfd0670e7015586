# mistake: the kernel is read from its last value to its first, by index
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: flipped-kernel
import torch


def corr2d(X, K):
    # 卷积:核要旋转180度
    h, w = K.shape
    out_h = X.shape[0] - h + 1
    out_w = X.shape[1] - w + 1
    Y = torch.zeros(out_h, out_w)
    for i in range(out_h):
        for j in range(out_w):
            s = 0
            for a in range(h):
                for b in range(w):
                    s = s + X[i + a, j + b] * K[h - 1 - a, w - 1 - b]
            Y[i, j] = s
    return Y
