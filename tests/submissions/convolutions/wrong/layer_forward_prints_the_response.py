# mistake: forward prints its result instead of returning it
# loses: conv2d
# misconception: forward-returns-nothing
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        print(corr2d(x, self.weight) + self.bias)
