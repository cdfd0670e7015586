# mistake: a new kernel of ones is made inside the function and used in the place of K
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: kernel-ignored
import torch


def corr2d(X, K):
    K = torch.ones(K.shape)  # initialise the kernel
    h, w = K.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = torch.zeros(Ho, Wo)
    for a in range(h):
        for b in range(w):
            Y += X[a : a + Ho, b : b + Wo] * K[a, b]
    return Y
