import torch
from torch import nn, Tensor


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)   # (H-h+1, W-w+1, h, w)
    return (windows * K).sum(dim=(-2, -1))


class Conv2D(nn.Module):
    weight: nn.Parameter
    bias: nn.Parameter

    def __init__(self, kernel_size) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.empty(1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    optimizer = torch.optim.SGD(conv.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
