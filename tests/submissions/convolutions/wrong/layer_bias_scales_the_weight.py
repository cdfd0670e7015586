# mistake: the weight is multiplied by the bias before the cross-correlation
# loses: conv2d
# misconception: bias-as-a-factor
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        kernel = self.bias * self.weight
        return corr2d(x, kernel)
