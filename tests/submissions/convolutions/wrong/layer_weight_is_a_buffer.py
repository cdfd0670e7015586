# mistake: weight and bias are registered as buffers, which no optimiser finds
# loses: conv2d
# misconception: not-registered
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.register_buffer('weight', torch.rand(tuple(kernel_size)))
        self.register_buffer('bias', torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
