# mistake: the steps go down the summed loss, but the means are returned
# loses: learned-kernel
# misconception: mean-loss
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        l = (conv(X) - Y) ** 2
        conv.zero_grad()
        l.sum().backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(l.mean().item())
    return losses
