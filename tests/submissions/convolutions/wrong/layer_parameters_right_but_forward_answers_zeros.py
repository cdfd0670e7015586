# mistake: weight and bias are right, but forward answers with zeros
# loses: conv2d
# misconception: none
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        y = torch.zeros(x.shape[0] - self.weight.shape[0] + 1, x.shape[1] - self.weight.shape[1] + 1)
        return y  # TODO
