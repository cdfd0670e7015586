# mistake: the size of the response is worked out for the first image only
# loses: conv2d
# misconception: none
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        self.out_shape = None

    def forward(self, x):
        h, w = self.weight.shape
        if self.out_shape is None:
            self.out_shape = (x.shape[0] - h + 1, x.shape[1] - w + 1)
        rows, cols = self.out_shape
        y = torch.zeros(rows, cols)
        for i in range(rows):
            for j in range(cols):
                y[i, j] = (x[i:i+h, j:j+w] * self.weight).sum()
        return y + self.bias
