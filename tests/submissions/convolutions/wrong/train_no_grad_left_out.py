# mistake: the weight is changed in place while autograd is watching, which raises
# loses: learned-kernel
# misconception: no-no-grad
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
