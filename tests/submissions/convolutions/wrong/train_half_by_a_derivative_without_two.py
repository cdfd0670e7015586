# mistake: the gradient is worked out by hand and the 2 of the derivative of a square is forgotten
# loses: learned-kernel
# misconception: half-loss
import torch
import torch.nn.functional as F


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    with torch.no_grad():
        for _ in range(num_epochs):
            error = conv(X) - Y
            losses.append((error ** 2).sum().item())
            grad = F.conv2d(X, error)  # each weight: image times error, summed over all places
            conv.weight -= lr * grad
    return losses
