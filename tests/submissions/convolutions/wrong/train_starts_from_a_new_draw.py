# mistake: the layer's parameters are drawn anew before training
# loses: learned-kernel
# misconception: starts-over
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    conv.reset_parameters()
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight.data.add_(conv.weight.grad, alpha=-lr)
        losses.append(loss.item())
    return losses
