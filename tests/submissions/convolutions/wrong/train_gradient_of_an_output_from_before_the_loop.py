# mistake: conv(X) is computed once, before the loop, so that loss and gradient never change
# loses: learned-kernel
# misconception: gradient-once
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    Y_hat = conv(X)
    losses = []
    for _ in range(num_epochs):
        loss = ((Y_hat - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward(retain_graph=True)  # raised an error without
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
