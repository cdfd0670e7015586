# mistake: lr and num_epochs stand in the wrong order in the signature
# loses: learned-kernel
# misconception: arguments-swapped
import torch


def train_kernel(conv, X, Y, lr=3e-2, num_epochs=10):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
