# mistake: the kernel is set to zero before training
# loses: learned-kernel
# misconception: starts-over
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    torch.nn.init.zeros_(conv.weight)
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
