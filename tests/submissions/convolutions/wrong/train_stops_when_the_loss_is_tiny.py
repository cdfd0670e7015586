# mistake: training ends early once the loss is below 1e-6, so that losses and steps can be too few
# loses: learned-kernel
# misconception: none
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        losses.append(loss.item())
        if loss < 1e-6:
            break   # converged
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
