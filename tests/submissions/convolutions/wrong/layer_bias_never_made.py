# mistake: there is a weight but no bias, neither made nor added
# loses: conv2d
# misconception: no-bias-parameter
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))

    def forward(self, x):
        return corr2d(x, self.weight)
