# mistake: a loss is kept only in every second epoch, where the text prints it
# loses: learned-kernel
# misconception: losses-left-out
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for i in range(num_epochs):
        Y_hat = conv(X)
        l = (Y_hat - Y) ** 2
        conv.zero_grad()
        l.sum().backward()
        conv.weight.data[:] -= lr * conv.weight.grad
        if (i + 1) % 2 == 0:
            print(f'epoch {i + 1}, loss {l.sum():.3f}')
            losses.append(l.sum().item())
    return losses
