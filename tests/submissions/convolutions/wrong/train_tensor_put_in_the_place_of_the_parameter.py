# mistake: conv.weight = conv.weight - lr * grad assigns a tensor, which torch refuses for a parameter
# loses: learned-kernel
# misconception: assigns-a-tensor
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight = conv.weight - lr * conv.weight.grad
        losses.append(loss.item())
    return losses
