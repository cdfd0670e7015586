# mistake: the parameter for the kernel is called kernel, not weight
# loses: conv2d
# misconception: no-weight-parameter
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.kernel) + self.bias
