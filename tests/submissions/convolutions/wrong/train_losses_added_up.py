# mistake: each entry is the sum of all losses so far
# loses: learned-kernel
# misconception: losses-summed-up
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    total, losses = 0.0, []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        total += loss.item()
        losses.append(total)
    return losses
