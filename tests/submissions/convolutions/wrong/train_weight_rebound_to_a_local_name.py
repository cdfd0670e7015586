# mistake: w = w - lr * grad gives a new tensor; the layer's weight does not move
# loses: learned-kernel
# misconception: kernel-never-moves
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    w = conv.weight
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            w = w - lr * conv.weight.grad
        losses.append(loss.item())
    return losses
