# mistake: forward says weight instead of self.weight, a name that does not exist there
# loses: conv2d
# misconception: self-left-out
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, weight) + bias
