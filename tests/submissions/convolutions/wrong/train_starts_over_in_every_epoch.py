# mistake: the start is inside the loop, so that every epoch begins again from the same kernel
# loses: learned-kernel
# misconception: starts-over
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    start = conv.weight.detach().clone()
    for _ in range(num_epochs):
        with torch.no_grad():
            conv.weight.copy_(start)
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
