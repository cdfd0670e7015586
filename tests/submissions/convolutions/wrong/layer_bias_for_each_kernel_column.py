# mistake: the bias holds one zero for each column of the kernel
# loses: conv2d
# misconception: bias-per-weight
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(kernel_size[1]))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
