"""A tensor as numbers to be drawn."""

from __future__ import annotations

import math

from torch import Tensor

from autograder.report import Grid

_ROWS, _COLUMNS = 12, 12  # what still fits a phone
_NUMBERS = 40  # of a vector, which is mostly a curve


def grid_of(tensor: Tensor) -> Grid:
    """A corner of ``tensor``, at most 12 x 12; a vector is one row of at most 40."""
    values = tensor.detach()
    table = values.reshape(1, -1) if values.dim() < 2 else values.flatten(0, -2)
    corner = table[:_ROWS, : _COLUMNS if values.dim() > 1 else _NUMBERS].double().tolist()
    return Grid(
        shape=tuple(values.shape),
        rows=tuple(tuple(n if math.isfinite(n) else str(n) for n in row) for row in corner),
    )
