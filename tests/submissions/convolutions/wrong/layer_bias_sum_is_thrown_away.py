# mistake: y.add(bias) gives a new tensor that nobody keeps; y itself stays without bias
# loses: conv2d
# misconception: bias-not-added
import torch
import torch.nn as nn


class Conv2D(nn.Module):
    """卷积层"""

    def __init__(self, kernel_size):
        super(Conv2D, self).__init__()
        h, w = kernel_size
        self.weight = nn.Parameter(torch.rand(h, w))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        y = corr2d(x, self.weight)
        y.add(self.bias)   # 加上偏置
        return y
