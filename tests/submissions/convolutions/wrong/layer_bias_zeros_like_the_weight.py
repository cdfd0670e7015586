# mistake: bias is zeros_like(weight), its sum is added so that the shapes fit
# loses: conv2d
# misconception: bias-per-weight
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        w = torch.rand(tuple(kernel_size))
        self.weight = nn.Parameter(w)
        self.bias = nn.Parameter(torch.zeros_like(w))

    def forward(self, x):
        # shapes did not broadcast otherwise
        return corr2d(x, self.weight) + self.bias.sum()
