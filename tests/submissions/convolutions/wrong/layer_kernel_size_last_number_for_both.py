# mistake: only the width of kernel_size is used, for both sides of the weight
# loses: conv2d
# misconception: square-weight-only
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        *_, k = kernel_size   # 卷积核边长
        self.weight = nn.Parameter(torch.rand([k] * 2))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
