# mistake: the smallest value of each window is taken
# loses: max-pooling
# misconception: minimum-for-maximum
import torch

def pool2d(X, pool_size):
    p, q = pool_size
    Y = torch.zeros(X.shape[0] // p, X.shape[1] // q)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = X[i*p:i*p+p, j*q:j*q+q].min()
    return Y
