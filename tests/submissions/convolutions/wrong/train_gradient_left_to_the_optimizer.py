# mistake: an SGD optimiser makes the steps, but nobody calls its zero_grad
# loses: learned-kernel
# misconception: gradient-accumulates
import torch
from torch import nn


def train_kernel(conv: nn.Conv2d, X: torch.Tensor, Y: torch.Tensor, num_epochs: int = 10, lr: float = 3e-2) -> list[float]:
    optimizer = torch.optim.SGD(conv.parameters(), lr=lr)
    loss_fn = nn.MSELoss(reduction="sum")
    history = []
    for _ in range(num_epochs):
        loss = loss_fn(conv(X), Y)
        history.append(loss.item())
        loss.backward()
        optimizer.step()
    return history
