# mistake: the weight is drawn from a normal distribution of width 0.01
# loses: conv2d
# misconception: normal-weights
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        nn.init.normal_(self.weight, mean=0.0, std=0.01)

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
