import math

import torch
from torch import nn

BIAS_AT_START = 0.0


def corr2d(X, K):
    h, w = K.shape
    windows = torch.stack([X[a:X.shape[0] - h + 1 + a, b:X.shape[1] - w + 1 + b]
                           for a in range(h) for b in range(w)])
    # contract the (h*w) axis with the kernel laid flat
    return torch.tensordot(K.reshape(h * w), windows, dims=1)


class Conv2D(nn.Module):
    """Correlation layer.

    >>> Conv2D((2, 2)).bias.item()
    0.0
    """

    def __init__(self, kernel_size):
        super().__init__()
        numbers = math.prod(kernel_size)
        self.weight = nn.Parameter(torch.rand(numbers).reshape(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.full((1,), BIAS_AT_START))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(1, num_epochs + 1):
        error = (conv(X) - Y).flatten()
        loss = error @ error
        loss.backward(inputs=[conv.weight])
        losses.append(loss.item())
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        conv.weight.grad = None
    return losses


if __name__ == "__main__":
    import doctest
    doctest.testmod()
