# mistake: in the layer's own loop each window is multiplied by (weight + bias)
# loses: conv2d
# misconception: bias-in-the-kernel
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel_size = tuple(kernel_size)
        self.weight = nn.Parameter(torch.rand(self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.kernel_size
        rows = []
        for i in range(x.shape[0] - h + 1):
            row = []
            for j in range(x.shape[1] - w + 1):
                window = x[i:i + h, j:j + w]
                row.append((window * (self.weight + self.bias)).sum())
            rows.append(torch.stack(row))
        return torch.stack(rows)
