# mistake: the loss before the loop is not kept, each epoch keeps the one it leaves to the next
# loses: learned-kernel
# misconception: loss-after-step
import torch


def squared_error(conv, X, Y):
    return torch.square(conv(X) - Y).sum()


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    loss = squared_error(conv, X, Y)
    for _ in range(num_epochs):
        g = torch.autograd.grad(loss, conv.weight)[0]
        conv.weight.data -= lr * g
        loss = squared_error(conv, X, Y)
        losses.append(loss.item())
    return losses
