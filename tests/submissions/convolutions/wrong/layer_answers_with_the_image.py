# mistake: the layer has no parameters and gives the image back
# loses all of: conv2d
# misconception: no-weight-parameter
from torch import nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()

    def forward(self, x):
        return x
