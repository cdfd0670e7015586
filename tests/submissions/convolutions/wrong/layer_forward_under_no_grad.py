# mistake: the whole of forward runs under no_grad
# loses: conv2d
# misconception: layer-graph-cut
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    @torch.no_grad()
    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
