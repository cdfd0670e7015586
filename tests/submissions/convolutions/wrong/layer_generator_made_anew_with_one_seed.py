# mistake: each layer draws from a new generator that always starts with the same seed
# loses: conv2d
# misconception: same-weights-every-time
import torch
from torch import nn


def draw(size, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.rand(tuple(size), generator=g)


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(draw(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
