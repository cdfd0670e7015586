# mistake: squeeze() takes away the two extra dimensions and with them a single row or column of the response
# loses: conv2d
# misconception: none
import torch
import torch.nn.functional as F
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.weight.shape
        out = F.conv2d(x.reshape(1, 1, *x.shape), self.weight.reshape(1, 1, h, w), self.bias)
        return out.squeeze()
