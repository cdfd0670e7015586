# mistake: super().__init__() is called after the parameters were set
# loses: conv2d
# misconception: no-super-init
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        self.kernel_size = kernel_size
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        super().__init__()

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
