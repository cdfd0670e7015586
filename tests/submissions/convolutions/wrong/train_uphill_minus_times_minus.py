# mistake: add_ with a negative gradient that has already been negated goes up again
# loses: learned-kernel
# misconception: uphill
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        if conv.weight.grad is not None:
            conv.weight.grad.zero_()
        loss = (conv(X) - Y).pow(2).sum()
        losses.append(loss.item())
        (-loss).backward()   # descent = minus
        direction = conv.weight.grad
        with torch.no_grad():
            conv.weight.add_(direction, alpha=-lr)
    return losses
