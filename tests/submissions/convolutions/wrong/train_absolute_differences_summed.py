# mistake: the loss sums absolute differences instead of squared ones
# loses: learned-kernel
# misconception: absolute-error
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = (conv(X) - Y).abs().sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
