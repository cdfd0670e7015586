# mistake: the bias starts at one
# loses: conv2d
# misconception: bias-not-zero
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super(Conv2D, self).__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size), requires_grad=True)
        self.bias = nn.Parameter(torch.ones(1), requires_grad=True)  # 偏置

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias
