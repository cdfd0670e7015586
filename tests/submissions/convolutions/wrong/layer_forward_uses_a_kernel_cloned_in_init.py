# mistake: __init__ keeps a clone of the weight, and forward goes on with it whatever becomes of the weight
# loses: conv2d
# misconception: keeps-a-copy
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        self.kernel = self.weight.clone()

    def forward(self, x):
        return corr2d(x, self.kernel) + self.bias
