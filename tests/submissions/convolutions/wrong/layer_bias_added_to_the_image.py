# mistake: the bias is added to the image before the cross-correlation
# loses: conv2d
# misconception: bias-in-the-image
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        x = x + self.bias
        return corr2d(x, self.weight)
