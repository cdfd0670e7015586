# mistake: the default learning rate is 0.01 instead of 0.03
# loses: learned-kernel
# misconception: other-defaults
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=1e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
