# mistake: the list is made anew in every epoch, so that it holds one loss in the end
# loses: learned-kernel
# misconception: only-the-last-loss
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    for epoch in range(num_epochs):
        losses = []
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
