# mistake: the loss is made a Python number before backward is called on it
# loses: learned-kernel
# misconception: loss-without-graph
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum().item()
        losses.append(loss)
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
