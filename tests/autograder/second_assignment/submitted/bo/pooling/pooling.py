# %%
import torch
from torch import nn

# %%
def pool2d(X, pool_size):
    h, w = pool_size
    Y = torch.zeros(X.shape[0] // h, X.shape[1] // w)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = X[i * h:(i + 1) * h, j * w:(j + 1) * w].mean()
    return Y

# %%
class MaxPool2D(nn.Module):
    def __init__(self, pool_size):
        super().__init__()
        self.pool_size = pool_size

    def forward(self, x):
        return pool2d(X=x, pool_size=self.pool_size)
