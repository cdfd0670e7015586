from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    from jaxtyping import Float

EXAMPLE: Final[Tensor] = torch.arange(9.0).reshape(3, 3)


class Place(NamedTuple):
    row: int
    column: int


@dataclass(frozen=True)
class Geometry:
    """Sizes of an image and a kernel, and where the one fits into the other."""

    H: int
    W: int
    h: int
    w: int

    @classmethod
    def of(cls, X: Tensor, K: Tensor) -> Geometry:
        return cls(*X.shape, *K.shape)

    @property
    def out(self) -> tuple[int, int]:
        return self.H - self.h + 1, self.W - self.w + 1

    def places(self) -> Iterator[Place]:
        for row in range(self.out[0]):
            for column in range(self.out[1]):
                yield Place(row, column)


@dataclass
class History:
    losses: list[float] = field(default_factory=list)

    def note(self, loss: Tensor) -> None:
        self.losses.append(loss.item())


def corr2d(X: Float[Tensor, "H W"], K: Float[Tensor, "h w"]) -> Float[Tensor, "out_h out_w"]:
    geometry = Geometry.of(X, K)
    Y: Tensor = torch.zeros(geometry.out)
    for place in geometry.places():
        window = X[place.row :, place.column :][: geometry.h, : geometry.w]
        Y[place] = (window * K).sum()
    return Y


class Conv2D(nn.Module):
    weight: Tensor
    bias: Tensor

    def __init__(self, kernel_size: Sequence[int] | torch.Size) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return corr2d(x, self.weight) + self.bias


def train_kernel(
    conv: nn.Conv2d | nn.LazyConv2d, X: Tensor, Y: Tensor, num_epochs: int = 10, lr: float = 3e-2
) -> list[float]:
    history = History()
    for _ in range(num_epochs):
        conv.zero_grad()
        loss = ((conv(X) - Y) ** 2).sum()
        loss.backward()
        history.note(loss)
        gradient = conv.weight.grad
        assert gradient is not None
        with torch.no_grad():
            conv.weight -= lr * gradient
    return history.losses
