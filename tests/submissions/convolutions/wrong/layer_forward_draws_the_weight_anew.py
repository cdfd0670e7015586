# mistake: forward puts a new random weight in the place of the layer's own
# loses: conv2d
# misconception: draws-in-forward
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel_size = kernel_size
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        weight = nn.Parameter(torch.rand(self.kernel_size))
        return corr2d(x, weight) + self.bias
