# mistake: the kernel starts at every pixel; what hangs over the right and lower border is cut off
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: same-padding
import torch


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            window = X[i : i + h, j : j + w]
            # at the border the window is smaller, take the same part of K
            part = K[: window.shape[0], : window.shape[1]]
            Y[i, j] = (window * part).sum()
    return Y
