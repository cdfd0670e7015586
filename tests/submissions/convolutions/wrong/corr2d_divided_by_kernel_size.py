# mistake: the finished result is divided by the number of kernel values
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: mean-for-sum
import torch


def corr2d(X, K):
    h, w = K.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    total = sum(K[a, b] * X[a : a + Ho, b : b + Wo] for a in range(h) for b in range(w))
    return torch.div(total, h * w)  # keeps the brightness of the image
