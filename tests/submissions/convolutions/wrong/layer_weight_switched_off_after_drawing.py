# mistake: every parameter is switched off at the end of __init__ and never on again
# loses: conv2d
# misconception: frozen-parameters
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.empty(1))
        # initialise without gradient
        for p in self.parameters():
            p.requires_grad = False
        self.weight.uniform_(0, 1)
        self.bias.fill_(0)

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
