# mistake: the weight is drawn from the ten numbers 0.0, 0.1, ..., 0.9 only
# loses: conv2d
# misconception: none
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        digits = torch.randint(0, 10, tuple(kernel_size))
        self.weight = nn.Parameter(digits / 10)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
