"""What is kept of a failed visible check for the student's page to draw."""

from __future__ import annotations

from autograder.checks import Trace
from autograder.checks.asserts import Mismatch
from autograder.checks.grids import grid_of
from autograder.report import Drawing, Grid
from autograder.sandbox.inside import wire


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
