# mistake: the learning rate is divided by the number of the epoch
# loses: learned-kernel
# misconception: decaying-lr
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(1, num_epochs + 1):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        step = lr / epoch
        conv.weight.data -= step * conv.weight.grad
        losses.append(loss.item())
    return losses
