# mistake: super().__init__ is named but, without brackets, not called
# loses: conv2d
# misconception: no-super-init
import torch
from torch import nn


class Conv2D(nn.Module):
    """Cross-correlation layer with a learnable kernel."""

    def __init__(self, kernel_size):
        super().__init__
        h, w = kernel_size
        self.weight = nn.Parameter(torch.rand((h, w)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
