# mistake: after a right training Y is overwritten with the layer's output
# loses: learned-kernel
# misconception: changes-the-data
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
    Y[:] = conv(X).detach()  # for the plot
    return losses
