# mistake: the window moves on by one pixel, as the kernel of a convolution does
# loses: max-pooling
# misconception: stride-one
import torch

def pool2d(X, pool_size):
    p_h, p_w = pool_size
    Y = torch.zeros((X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = X[i: i + p_h, j: j + p_w].max()
    return Y
