# mistake: the weight is uniform on [-1, 1)
# loses: conv2d
# misconception: centred-weights
import numpy as np
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        start = np.random.uniform(-1, 1, size=tuple(kernel_size))
        self.weight = nn.Parameter(torch.tensor(start, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
