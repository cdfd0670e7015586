# mistake: the method is called foward, so that nn.Module finds no forward
# loses: conv2d
# misconception: method-misspelled
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def foward(self, x):
        return corr2d(x, self.weight) + self.bias
