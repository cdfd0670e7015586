# mistake: the losses go through a method that works in place and returns None
# loses: learned-kernel
# misconception: returns-nothing
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        # newest in front
        losses.insert(0, loss.item())
    return losses.reverse()
