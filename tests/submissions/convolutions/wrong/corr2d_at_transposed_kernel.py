# mistake: window @ K.T is summed whole, not only its diagonal: right for a single row
# loses: corr2d-exact, transposed-input
# misconception: matrix-product
import torch


def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    # (h, w) @ (w, h): the shapes match for every kernel
    return torch.matmul(windows, K.T).sum(dim=(2, 3))
