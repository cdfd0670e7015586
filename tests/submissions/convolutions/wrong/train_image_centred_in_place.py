# mistake: the mean is taken off the caller's image, in place, before training
# loses: learned-kernel
# misconception: changes-the-data
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    X -= X.mean()      # 归一化
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
