# mistake: width, height = kernel_size mixes the two sizes up
# loses: conv2d
# misconception: kernel-size-swapped
import torch
from torch import nn, Tensor


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        width, height = kernel_size
        self.weight = nn.Parameter(torch.rand(height, width))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return corr2d(x, self.weight) + self.bias
