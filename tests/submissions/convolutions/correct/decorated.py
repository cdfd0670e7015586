import functools
import time

import torch
from torch import nn


def check_shapes(function):
    """Complain early when something is not 2-d or does not fit."""
    @functools.wraps(function)
    def wrapper(X, K):
        assert X.dim() == 2 and K.dim() == 2, "X and K must have two dimensions"
        assert K.shape[0] <= X.shape[0] and K.shape[1] <= X.shape[1], "kernel too large"
        Y = function(X, K)
        assert Y.shape == (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
        return Y
    return wrapper


def timed(label):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                print(f"{label}: {time.perf_counter() - start:.4f} s")
        return wrapper
    return decorator


@timed("corr2d")
@check_shapes
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        rows = X[i:i + h]
        for j in range(Y.shape[1]):
            Y[i, j] = rows[:, j:j + w].mul(K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    @property
    def shape(self):
        return self.weight.shape

    @timed("forward")
    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


@torch.no_grad()
def update(conv, lr):
    conv.weight -= lr * conv.weight.grad


@timed("training")
@torch.enable_grad()
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        update(conv, lr)
        losses.append(loss.item())
    return losses
