import numpy as np
import torch
from torch import nn


def corr2d(X, K):
    # fancy indexing like in numpy: I[i, j, a, b] = i + a and J[i, j, a, b] = j + b
    h, w = K.shape
    i, j, a, b = np.ogrid[:X.shape[0] - h + 1, :X.shape[1] - w + 1, :h, :w]
    return (X[torch.from_numpy(i + a), torch.from_numpy(j + b)] * K).sum(-1).sum(-1)


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        # numpy's uniform numbers are from [0, 1) as well
        start = np.random.random_sample(tuple(kernel_size)).astype(np.float32)
        self.weight = nn.Parameter(torch.from_numpy(start))
        self.bias = nn.Parameter(torch.as_tensor(np.zeros(1, dtype=np.float32)))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = np.zeros(num_epochs)
    for epoch in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        losses[epoch] = loss.detach().numpy()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
    return losses
