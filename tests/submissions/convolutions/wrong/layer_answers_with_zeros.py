# mistake: the layer has no parameters and answers with zeros
# loses all of: conv2d
# misconception: no-weight-parameter
import torch
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.kernel_size = kernel_size

    def forward(self, x):
        h, w = self.kernel_size
        return torch.zeros(x.shape[0] - h + 1, x.shape[1] - w + 1)
