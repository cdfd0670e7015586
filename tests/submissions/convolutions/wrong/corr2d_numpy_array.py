# mistake: a numpy array comes back, no tensor
# loses all of: corr2d-exact, edge-detection, transposed-input
# misconception: none
import numpy as np


def corr2d(X, K):
    X, K = np.asarray(X.detach()), np.asarray(K.detach())
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), dtype=np.float32)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
