# mistake: the gradient is filled with zeros just before it is used
# loses: learned-kernel
# misconception: kernel-never-moves
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        grad = conv.weight.grad
        grad.zero_()   # 清零, 否则会累加
        conv.weight.data -= lr * grad
        losses.append(loss.item())
    return losses
