# mistake: the bias of the layer is replaced by a new zero in forward, so that nothing is added
# loses: conv2d
# misconception: bias-not-added
import torch
from torch import Tensor, nn


class Conv2D(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(*kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        bias = torch.zeros(1)  # bias starts at zero
        return corr2d(x, self.weight) + bias
