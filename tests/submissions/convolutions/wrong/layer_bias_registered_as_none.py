# mistake: bias is registered as None, as nn.Conv2d does it for bias=False
# loses: conv2d
# misconception: no-bias-parameter
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        if bias:
            self.bias = nn.Parameter(torch.zeros(1))
        else:
            self.register_parameter("bias", None)

    def forward(self, x):
        y = corr2d(x, self.weight)
        return y if self.bias is None else y + self.bias
