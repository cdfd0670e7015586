# mistake: one random number is drawn and put in every place of the weight
# loses: conv2d
# misconception: constant-weights
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        value = torch.rand(1).item()
        self.weight = nn.Parameter(torch.full(tuple(kernel_size), value))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
