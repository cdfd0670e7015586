# mistake: as_strided is given the strides of a contiguous image, so that views such as x.t() are misread
# loses: conv2d
# misconception: none
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        (H, W), (h, w) = x.shape, self.weight.shape
        windows = torch.as_strided(x, (H - h + 1, W - w + 1, h, w), (W, 1, W, 1))
        return torch.einsum('ijab,ab->ij', windows, self.weight) + self.bias
