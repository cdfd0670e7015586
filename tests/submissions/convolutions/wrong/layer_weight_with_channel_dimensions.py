# mistake: the weight has the four dimensions of nn.Conv2d's
# loses: conv2d
# misconception: weight-with-channels
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(1, 1, *kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight[0, 0]) + self.bias
