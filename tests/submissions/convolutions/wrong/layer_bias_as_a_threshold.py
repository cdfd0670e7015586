# mistake: the bias is taken for a threshold that the response has to pass, and is taken away
# loses: conv2d
# misconception: bias-subtracted
import torch
from torch import nn


class Conv2D(nn.Module):

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tuple(kernel_size)).uniform_())
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        # a neuron fires when the weighted sum is larger than its threshold
        response = corr2d(x, self.weight)
        return torch.add(response, self.bias, alpha=-1)
