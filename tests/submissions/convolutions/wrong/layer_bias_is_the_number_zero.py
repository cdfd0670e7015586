# mistake: the bias is the plain number 0, not a parameter
# loses: conv2d
# misconception: no-bias-parameter
import torch
import torch.nn as nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = 0

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
