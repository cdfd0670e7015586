# mistake: a copy of the image with mean 0 and standard deviation 1 is trained on
# loses: learned-kernel
# misconception: rescales-the-image
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    X = (X - X.mean()) / X.std()
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
