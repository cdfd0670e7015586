import torch
from torch import nn


def windows(X, h, w):
    """Yield row after row, each a generator of windows."""
    for i in range(X.shape[0] - h + 1):
        yield (X[i:i + h, j:j + w] for j in range(X.shape[1] - w + 1))


def corr2d(X, K):
    return torch.stack([torch.stack([(win * K).sum() for win in row])
                        for row in windows(X, *K.shape)])


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(*(n for n in kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    """Yields the loss of each epoch, so the caller can stop when it likes."""
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        yield loss.item()


for number, value in enumerate(train_kernel(nn.Conv2d(1, 1, (1, 2), bias=False),
                                            torch.rand(1, 1, 4, 4), torch.rand(1, 1, 4, 3))):
    print(number, value)
