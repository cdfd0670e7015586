# mistake: the layer works with the list of numbers that the weight held at first
# loses: conv2d
# misconception: keeps-a-copy
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))
        self.K = self.weight.tolist()

    def forward(self, x):
        h, w = len(self.K), len(self.K[0])
        H, W = x.shape
        y = torch.zeros(H - h + 1, W - w + 1)
        for a in range(h):
            for b in range(w):
                y = y + self.K[a][b] * x[a:a + H - h + 1, b:b + W - w + 1]
        return y + self.bias
