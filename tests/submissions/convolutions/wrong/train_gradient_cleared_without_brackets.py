# mistake: zero_grad is named but, without brackets, not called
# loses: learned-kernel
# misconception: gradient-accumulates
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        conv.zero_grad
        loss = torch.sum((conv(X) - Y) ** 2)
        loss.backward()
        conv.weight.data -= lr * conv.weight.grad.data
        losses.append(loss.item())
    return losses
