# mistake: each epoch puts a new nn.Parameter in the layer
# loses: learned-kernel
# misconception: replaces-parameter
import torch
from torch import nn


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight = nn.Parameter(conv.weight.data - lr * conv.weight.grad)
        losses.append(loss.item())
    return losses
