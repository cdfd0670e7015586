# mistake: the bias is added to the weight before the cross-correlation, not to its result
# loses: conv2d
# misconception: bias-in-the-kernel
import torch
from torch import nn

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight + self.bias)
