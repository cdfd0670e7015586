# mistake: all layers cut their weight from one random table that belongs to the class
# loses: conv2d
# misconception: same-weights-every-time
import torch
from torch import nn


class Conv2D(nn.Module):
    table = torch.rand(100, 100)

    def __init__(self, kernel_size):
        super().__init__()
        h, w = kernel_size
        self.weight = nn.Parameter(self.table[:h, :w].clone())
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
