# mistake: kernel values that are zero are left out to save time, and get no gradient for it
# loses: corr2d-exact
# misconception: none
import torch


def corr2d(X, K):
    h, w = K.shape
    Ho, Wo = X.shape[0] - h + 1, X.shape[1] - w + 1
    Y = torch.zeros(Ho, Wo)
    for a in range(h):
        for b in range(w):
            if K[a, b] == 0:
                continue  # adds nothing anyway
            Y = Y + X[a : a + Ho, b : b + Wo] * K[a, b]
    return Y
