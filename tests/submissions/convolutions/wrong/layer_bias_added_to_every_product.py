# mistake: (window * weight + bias).sum() counts the bias once for each weight
# loses: conv2d
# misconception: bias-in-every-product
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h, w = self.weight.shape
        out = [
            [(x[i:i+h, j:j+w] * self.weight + self.bias).sum() for j in range(x.shape[1]-w+1)]
            for i in range(x.shape[0]-h+1)
        ]
        return torch.stack([torch.stack(line) for line in out])
