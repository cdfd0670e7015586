# mistake: a step is taken after each row of the output instead of once for the whole image
# loses: learned-kernel
# misconception: none
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        total = 0.0
        for i in range(Y.shape[2]):
            loss = ((conv(X)[:, :, i] - Y[:, :, i]) ** 2).sum()
            conv.zero_grad()
            loss.backward()
            with torch.no_grad():
                conv.weight -= lr * conv.weight.grad
            total += loss.item()
        losses.append(total)
    return losses
