# mistake: the function makes a layer of its own and trains that one
# loses: learned-kernel
# misconception: trains-another-layer
import torch
from torch import nn


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    conv2d = nn.Conv2d(1, 1, kernel_size=conv.kernel_size, bias=False)
    losses = []
    for i in range(num_epochs):
        Y_hat = conv2d(X)
        l = (Y_hat - Y) ** 2
        conv2d.zero_grad()
        l.sum().backward()
        conv2d.weight.data[:] -= lr * conv2d.weight.grad
        losses.append(l.sum().item())
    return losses
