# mistake: the finished response is detached before it is returned
# loses: conv2d
# misconception: layer-graph-cut
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        response = corr2d(x, self.weight) + self.bias
        return response.detach()   # otherwise .numpy() for the plot complains
