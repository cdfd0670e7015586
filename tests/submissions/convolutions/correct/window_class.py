import torch
from torch import nn


class SlidingWindow:
    """Iterate over all windows of an image; knows the shape of the output."""

    def __init__(self, image, size):
        self.image = image
        self.h, self.w = size
        self.out_shape = (image.shape[0] - self.h + 1, image.shape[1] - self.w + 1)

    def __len__(self):
        return self.out_shape[0] * self.out_shape[1]

    def __getitem__(self, n):
        if n >= len(self):
            raise IndexError(n)
        i, j = divmod(n, self.out_shape[1])
        return self.image[i:i + self.h, j:j + self.w]


def corr2d(X, K):
    windows = SlidingWindow(X, K.shape)
    Y = torch.zeros(len(windows))
    for n, window in enumerate(windows):
        Y[n] = (window * K).sum()
    return Y.reshape(windows.out_shape)


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


class GradientDescent:
    """My own small optimizer."""

    def __init__(self, params, lr):
        self.params = list(params)
        self.lr = lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p in self.params:
            p -= self.lr * p.grad


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    gd = GradientDescent(conv.parameters(), lr)
    losses = []
    for _ in range(num_epochs):
        gd.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        gd.step()
        losses.append(loss.item())
    return losses
