# mistake: the weight is drawn as nn.Conv2d draws it, kaiming_uniform_ around zero
# loses: conv2d
# misconception: centred-weights
import math

import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
