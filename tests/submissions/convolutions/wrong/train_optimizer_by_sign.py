# mistake: only the sign of the gradient is used for the step
# loses: learned-kernel
# misconception: other-optimizer
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad.sign()
        losses.append(loss.item())
    return losses
