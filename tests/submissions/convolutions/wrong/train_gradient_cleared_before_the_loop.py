# mistake: zero_grad stands before the loop, where it clears once
# loses: learned-kernel
# misconception: gradient-accumulates
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    conv.zero_grad()   # 梯度清零
    for i in range(num_epochs):
        Y_hat = conv(X)
        l = (Y_hat - Y) ** 2
        l.sum().backward()
        conv.weight.data[:] -= lr * conv.weight.grad
        losses.append(float(l.sum()))
    return losses
