"""Functional style, no loops. Divide the kernel until one number is left."""
import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    if h == 1 and w == 1:
        return X * K[0, 0]
    if h > 1:
        # upper part of the kernel sees the upper part of the image, and so on
        top = h // 2
        return corr2d(X[:X.shape[0] - (h - top)], K[:top]) + corr2d(X[top:], K[top:])
    left = w // 2
    return corr2d(X[:, :X.shape[1] - (w - left)], K[:, :left]) + corr2d(X[:, left:], K[:, left:])


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    if num_epochs == 0:
        return []
    loss = torch.sum((conv(X) - Y) ** 2)
    conv.zero_grad()
    loss.backward()
    with torch.no_grad():
        conv.weight.copy_(conv.weight - lr * conv.weight.grad)
    return [loss.item()] + train_kernel(conv, X, Y, num_epochs - 1, lr)
