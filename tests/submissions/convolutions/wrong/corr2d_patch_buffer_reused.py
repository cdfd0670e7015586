# mistake: one buffer holds each window in turn, though backward still needs the earlier ones
# loses: corr2d-exact
# misconception: autograd-refused
import torch


def corr2d(X, K):
    h, w = K.shape
    patch = torch.empty(h, w)
    Y = torch.empty(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            patch.copy_(X[i : i + h, j : j + w])  # no new memory in the loop
            Y[i, j] = (patch * K).sum()
    return Y
