# mistake: the zero of the bias is a whole number, which cannot have a gradient
# loses: conv2d
# misconception: whole-number-parameter
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.tensor([0]))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
