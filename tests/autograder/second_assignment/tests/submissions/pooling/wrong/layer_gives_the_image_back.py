# mistake: forward answers with the image
# loses all of: pooling-layer
# misconception: none
from torch import nn

class MaxPool2D(nn.Module):
    def __init__(self, pool_size):
        super().__init__()
        self.pool_size = pool_size

    def forward(self, x):
        pool2d(x, self.pool_size)
        return x
