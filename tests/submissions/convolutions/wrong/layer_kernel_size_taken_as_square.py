# mistake: only the first of the two kernel sizes is used, for both sides
# loses: conv2d
# misconception: square-weight-only
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        k = kernel_size[0]
        self.weight = nn.Parameter(torch.rand(k, k))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
