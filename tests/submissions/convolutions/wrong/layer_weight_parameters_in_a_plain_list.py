# mistake: the parameters lie in a Python list, where nn.Module does not look for them
# loses: conv2d
# misconception: not-registered
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.params = [
            nn.Parameter(torch.rand(kernel_size)),
            nn.Parameter(torch.zeros(1)),
        ]

    @property
    def weight(self):
        return self.params[0]

    @property
    def bias(self):
        return self.params[1]

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
