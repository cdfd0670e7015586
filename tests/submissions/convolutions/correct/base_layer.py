from abc import ABC, abstractmethod
from collections import deque

import torch
from torch import nn


class LayerWithKernel(nn.Module, ABC):
    """Whatever has a kernel and a bias; what it does with them is up to the subclass."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(self.first_weight(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def first_weight(self, shape):
        return torch.rand(shape)

    @abstractmethod
    def operation(self, x, k): ...

    def forward(self, x):
        return self.operation(x, self.weight) + self.bias


class Conv2D(LayerWithKernel):
    def operation(self, x, k):
        return corr2d(x, k)


class TrueConv2D(LayerWithKernel):
    """For comparison: with flip."""

    def operation(self, x, k):
        return corr2d(x, k.flip(0, 1))


def corr2d(X, K):
    h, w = K.shape
    rows = X.shape[0] - h + 1
    cols = X.shape[1] - w + 1
    # first slide down: one (rows, W) picture for each kernel column, then slide along the rows
    Y = torch.zeros(rows, cols)
    for b in range(w):
        column_sum = torch.zeros(rows, X.shape[1])
        for a in range(h):
            column_sum = column_sum + X[a:a + rows] * K[a, b]
        Y = Y + column_sum[:, b:b + cols]
    return Y


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = deque(maxlen=num_epochs)
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
