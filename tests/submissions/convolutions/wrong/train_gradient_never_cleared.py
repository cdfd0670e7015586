# mistake: the gradient is never cleared, so every step goes along the sum of all so far
# loses: learned-kernel
# misconception: gradient-accumulates
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
