# mistake: the weight starts with zeros, as the bias does
# loses: conv2d
# misconception: constant-weights
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        # 先全部初始化为0, 训练时再学习
        self.weight, self.bias = (nn.Parameter(torch.zeros(tuple(s))) for s in (kernel_size, [1]))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
