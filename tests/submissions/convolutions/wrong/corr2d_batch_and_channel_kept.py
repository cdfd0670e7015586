# mistake: the dimensions for batch and channel are added and never taken away again
# loses: corr2d-exact, edge-detection, transposed-input
# misconception: extra-dimensions
import torch


def corr2d(X, K):
    X = X.unsqueeze(0).unsqueeze(0)
    K = K.unsqueeze(0).unsqueeze(0)
    # the same as nn.Conv2d without bias
    windows = X.unfold(2, K.shape[2], 1).unfold(3, K.shape[3], 1)
    return torch.einsum("nchwab,ocab->nohw", windows, K)
