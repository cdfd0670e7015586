# mistake: the loss of the last epoch is returned instead of all
# loses: learned-kernel
# misconception: only-the-last-loss
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    for i in range(num_epochs):
        Y_hat = conv(X)
        l = (Y_hat - Y) ** 2
        conv.zero_grad()
        l.sum().backward()
        conv.weight.data[:] -= lr * conv.weight.grad
        if (i + 1) % 2 == 0:
            print(f'epoch {i + 1}, loss {l.sum():.3f}')
    return l.sum().item()
