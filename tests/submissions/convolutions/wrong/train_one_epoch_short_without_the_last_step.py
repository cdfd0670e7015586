# mistake: all losses are taken, but the last epoch makes no step
# loses: learned-kernel
# misconception: one-epoch-short
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        losses.append(loss.item())
        if epoch == num_epochs - 1:
            break  # no need to update any more
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
