# mistake: the gradient is computed before the loop and used in every epoch
# loses: learned-kernel
# misconception: gradient-once
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    loss = ((conv(X) - Y) ** 2).sum()
    conv.zero_grad()
    loss.backward()
    grad = conv.weight.grad.clone()

    losses = []
    for _ in range(num_epochs):
        with torch.no_grad():
            losses.append(((conv(X) - Y) ** 2).sum().item())
            conv.weight -= lr * grad
    return losses
