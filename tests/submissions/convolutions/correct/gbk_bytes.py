# -*- coding: gbk -*-
# 作业：图像卷积（在 Windows 记事本里写的，保存为 ANSI）
import torch
from torch.nn import *
from torch.nn.functional import *
from typing import *


def 输出形状(图像, 核) -> Tuple[int, int]:
    """输出的高和宽"""
    return 图像.shape[0] - 核.shape[0] + 1, 图像.shape[1] - 核.shape[1] + 1


def corr2d(X, K):
    """二维互相关运算，卷积核不翻转"""
    高, 宽 = 输出形状(X, K)
    结果 = torch.zeros((高, 宽))
    for 行 in range(高):
        for 列 in range(宽):
            窗口 = X[行:行 + K.shape[0], 列:列 + K.shape[1]]
            结果[行, 列] = (窗口 * K).sum()   # 对应元素相乘再求和
    return 结果


class Conv2D(Module):
    """卷积层：权重服从 [0, 1) 均匀分布，偏置为零"""

    def __init__(self, kernel_size):
        super(Conv2D, self).__init__()
        self.weight = Parameter(torch.rand(kernel_size))
        self.bias = Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    损失列表 = []
    for 轮 in range(num_epochs):
        conv.zero_grad()                       # 梯度清零
        损失 = mse_loss(conv(X), Y, reduction="sum")
        损失.backward()
        conv.weight.data[:] -= lr * conv.weight.grad
        损失列表.append(损失.item())
        print("第 %d 轮，损失 %.3f" % (轮 + 1, 损失列表[-1]))
    return 损失列表


print("你好，卷积！", 输出形状(torch.ones(6, 8), torch.ones(1, 2)))
