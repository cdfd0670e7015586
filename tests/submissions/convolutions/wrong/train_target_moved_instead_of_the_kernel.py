# mistake: the step is taken by Y and not by the kernel
# loses: learned-kernel
# misconception: changes-the-data
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    Y.requires_grad_(True)
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        Y.grad = None
        loss.backward()
        with torch.no_grad():
            Y -= lr * Y.grad
        losses.append(loss.item())
    Y.requires_grad_(False)
    return losses
