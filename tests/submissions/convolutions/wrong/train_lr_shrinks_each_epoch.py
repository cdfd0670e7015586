# mistake: the learning rate is multiplied by 0.9 after each epoch
# loses: learned-kernel
# misconception: decaying-lr
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
        lr *= 0.9
    return losses
