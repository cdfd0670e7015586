import torch
from torch import nn


def corr2d(X, K):
    match (*X.shape, *K.shape):
        case (H, W, 1, 1):
            return X * K
        case (H, W, h, w) if (H, W) == (h, w):
            return (X * K).sum().reshape(1, 1)
        case (H, W, h, w):
            Y = torch.zeros(H - h + 1, W - w + 1)
    n = -1
    while (n := n + 1) < Y.numel():
        i, j = n // Y.shape[1], n % Y.shape[1]
        Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        match tuple(kernel_size):
            case (int(h), int(w)):
                self.weight = nn.Parameter(torch.rand(h, w))
            case other:
                raise ValueError(f"kernel_size must be a pair, not {other}")
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    while len(losses) < num_epochs:
        losses.append((loss := ((conv(X) - Y) ** 2).sum()).item())
        if (g := conv.weight.grad) is not None:
            g.zero_()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
