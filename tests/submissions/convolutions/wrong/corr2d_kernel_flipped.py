# mistake: the kernel is turned by 180 degrees before it is slid over the image
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: flipped-kernel
import torch


def corr2d(X, K):
    K = torch.flip(K, (0, 1))
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
