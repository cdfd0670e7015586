import torch
import torch.nn.functional as F
from torch import nn


def corr2d_full(X, K):
    """The big version with zeros around the image, also where the kernel hangs over."""
    h, w = K.shape
    P = F.pad(X, (w - 1, w - 1, h - 1, h - 1))
    Y = torch.zeros(P.shape[0] - h + 1, P.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (P[i:i + h, j:j + w] * K).sum()
    return Y


def corr2d(X, K):
    """Only the part of the full one where the kernel lies inside."""
    h, w = K.shape
    full = corr2d_full(X, K)
    return full[h - 1:full.shape[0] - (h - 1), w - 1:full.shape[1] - (w - 1)]


class Conv2D(nn.Module):
    def __init__(self, kernel_size, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        if bias:
            self.bias = nn.Parameter(torch.zeros(1))
        else:
            self.register_parameter("bias", None)

    def forward(self, x):
        y = corr2d(x, self.weight)
        return y if self.bias is None else y + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2, verbose=False):
    losses = []
    for epoch in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.set_grad_enabled(False):
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
        if verbose:
            print(epoch, loss.item())
    return losses
