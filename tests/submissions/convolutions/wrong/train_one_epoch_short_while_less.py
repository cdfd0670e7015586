# mistake: the while loop stops before the last epoch
# loses: learned-kernel
# misconception: one-epoch-short
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    epoch = 0
    while epoch < num_epochs - 1:
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
        epoch += 1
    return losses
