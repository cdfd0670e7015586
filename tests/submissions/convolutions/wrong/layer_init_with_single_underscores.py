# mistake: _init_ is no constructor, and nn.Module's own does not take a kernel_size
# loses: conv2d
# misconception: method-misspelled
import torch
from torch import nn


class Conv2D(nn.Module):
    def _init_(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
