"""What is kept of a failed visible check for the student's page to draw."""

from __future__ import annotations

import math

from torch import Tensor

from autograder.checks import Trace
from autograder.checks.asserts import Mismatch
from autograder.report import Drawing, Grid
from autograder.sandbox.inside import wire

_ROWS, _COLUMNS = 12, 12  # what still fits a phone


def drawing_of(error: Mismatch, trace: Trace) -> Drawing:
    """Expected beside got, and what the student's function was given last."""
    function = ""
    inputs: tuple[Grid, ...] = ()
    for exchange in reversed(trace.exchanges):
        if isinstance(exchange.operation, wire.Call):
            target = exchange.operation.target
            function = target if isinstance(target, str) else ""
            inputs = tuple(grid_of(tensor) for tensor in exchange.sent if tensor.dim() <= 4)
            break
    return Drawing(
        what=error.what,
        expected=grid_of(error.expected),
        got=grid_of(error.got),
        tolerance=error.tolerance,
        function=function,
        inputs=inputs,
    )


def grid_of(tensor: Tensor) -> Grid:
    """A corner of ``tensor``, at most 12 x 12; a vector is one row."""
    values = tensor.detach()
    table = values.reshape(1, -1) if values.dim() < 2 else values.flatten(0, -2)
    corner = table[:_ROWS, :_COLUMNS].double().tolist()
    return Grid(
        shape=tuple(values.shape),
        rows=tuple(tuple(n if math.isfinite(n) else str(n) for n in row) for row in corner),
    )
