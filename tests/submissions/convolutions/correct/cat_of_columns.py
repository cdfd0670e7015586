import torch
from torch import nn


def one_column(X, K, j):
    """All results of column j, shape (H - h + 1, 1)."""
    h, w = K.shape
    strip = X[:, j:j + w]
    values = []
    for i in range(X.shape[0] - h + 1):
        values.append((strip[i:i + h] * K).sum().view(1, 1))
    return torch.cat(values, dim=0)


def corr2d(X, K):
    columns = []
    for j in range(X.shape[1] - K.shape[1] + 1):
        columns.append(one_column(X, K, j))
    return torch.cat(columns, dim=1)


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel_size = kernel_size
        self.weight = nn.Parameter(torch.rand(kernel_size), requires_grad=True)
        self.bias = nn.Parameter(torch.zeros(1), requires_grad=True)

    def extra_repr(self):
        return f"kernel_size={tuple(self.kernel_size)}"

    def forward(self, x):
        Y = torch.cat([one_column(x, self.weight, j)
                       for j in range(x.shape[1] - self.weight.shape[1] + 1)], 1)
        return Y + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = torch.empty(0)
    for epoch in range(num_epochs):
        conv.zero_grad()
        l = ((conv(X) - Y) ** 2).sum()
        l.backward()
        losses = torch.cat([losses, l.detach().reshape(1)])
        conv.weight.data -= lr * conv.weight.grad
    return losses.tolist()


print(Conv2D((3, 2)))
