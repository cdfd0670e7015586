# mistake: the layer does not keep the size it is given
# loses: pooling-layer
# misconception: none
from torch import nn

class MaxPool2D(nn.Module):
    def __init__(self, pool_size):
        super().__init__()

    def forward(self, x):
        return pool2d(x, (2, 2))
