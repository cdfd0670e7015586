# mistake: the weight is |randn|: not negative, but neither uniform nor below one
# loses: conv2d
# misconception: normal-weights
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.abs(torch.randn(tuple(kernel_size))))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        out = corr2d(x, self.weight)
        return out + self.bias
