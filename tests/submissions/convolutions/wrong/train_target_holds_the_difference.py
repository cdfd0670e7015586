# mistake: the error is computed in place, in Y
# loses: learned-kernel
# misconception: changes-the-data
import torch


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        with torch.no_grad():
            Y -= conv(X)
            losses.append((Y ** 2).sum().item())
            # d/dK sum (Y - K*X)^2 = -2 sum X * (Y - K*X)
            gradient = -2 * torch.nn.functional.conv2d(X, Y)
            conv.weight -= lr * gradient
    return losses
