import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            patch = X[i:(i + h), j:(j + w)]
            Y[i][j] = torch.tensordot(patch, K, dims=2)
    return Y


class Conv2D(nn.Module):
    """Does not call corr2d: all windows at once are much faster than the loop."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.tensor(0.0))
        self.params = nn.ParameterList([self.weight, self.bias])   # for my optimizer

    def forward(self, x):
        h, w = self.weight.shape
        patches = x.unfold(0, h, 1).unfold(1, w, 1).flatten(2)
        return nn.functional.linear(patches, self.weight.reshape(1, -1), self.bias.reshape(1)).squeeze(-1)


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for epoch in range(num_epochs):
        Y_hat = conv(X)
        loss = ((Y_hat - Y) ** 2).sum()
        losses.append(loss)           # a tensor, I print them with :.3f anyway
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
