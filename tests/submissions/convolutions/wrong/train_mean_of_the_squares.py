# mistake: the loss is the mean of the squared errors
# loses: learned-kernel
# misconception: mean-loss
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
