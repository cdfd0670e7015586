# mistake: the parameters are made with requires_grad=False
# loses: conv2d
# misconception: frozen-parameters
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(1), requires_grad=False)

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
