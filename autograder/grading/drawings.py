"""What is kept of a failed visible check for the student's page to draw."""

from __future__ import annotations

from autograder.checks import Trace
from autograder.checks.asserts import Mismatch
from autograder.checks.grids import grid_of
from autograder.report import Drawing, Grid
from autograder.sandbox.inside import wire


def drawing_of(error: Mismatch, trace: Trace) -> Drawing:
    """Expected beside got, and what the student's function was given for it."""
    function = ""
    inputs: tuple[Grid, ...] = ()
    calls = [one for one in trace.exchanges if isinstance(one.operation, wire.Call)]
    # The one whose answer is compared, as the very tensor it gave; else the last one.
    gave = [one for one in calls if any(tensor is error.got for tensor in one.back)] or calls
    if gave:
        assert isinstance(gave[-1].operation, wire.Call)
        target = gave[-1].operation.target
        function = target if isinstance(target, str) else ""
        inputs = tuple(grid_of(tensor) for tensor in gave[-1].sent if tensor.dim() <= 4)
    return Drawing(
        what=error.what,
        expected=grid_of(error.expected),
        got=grid_of(error.got),
        tolerance=error.tolerance,
        function=function,
        inputs=inputs,
    )
