# mistake: the while loop never counts its epochs
# loses: learned-kernel
# misconception: none
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    epoch = 0
    while epoch < num_epochs:
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
