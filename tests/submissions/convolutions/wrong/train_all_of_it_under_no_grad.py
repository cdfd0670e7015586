# mistake: the forward pass is under no_grad as well, so that backward raises
# loses: learned-kernel
# misconception: loss-without-graph
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    with torch.no_grad():
        for _ in range(num_epochs):
            loss = ((conv(X) - Y) ** 2).sum()
            conv.zero_grad()
            loss.backward()
            conv.weight -= lr * conv.weight.grad
            losses.append(loss.item())
    return losses
