# mistake: the bias is made once, as a default argument, and all layers share it
# loses: conv2d
# misconception: none
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size, bias=nn.Parameter(torch.zeros(1))):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = bias

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
