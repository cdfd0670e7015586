# mistake: shifted images are combined by their maximum, so the best match wins
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: maximum-for-sum
import torch


def corr2d(X, K):
    rows = X.shape[0] - K.shape[0] + 1
    cols = X.shape[1] - K.shape[1] + 1
    Y = None
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            layer = X[a : a + rows, b : b + cols] * K[a, b]
            Y = layer if Y is None else torch.maximum(Y, layer)
    return Y
