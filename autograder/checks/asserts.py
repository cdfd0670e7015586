"""The comparison, done here and never by the student's side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from autograder.messages import _

_SHOWN_ROWS = 8
_SHOWN_COLUMNS = 8


class Mismatch(AssertionError):  # noqa: N818 - the student's failure, not an error of ours
    """An answer that differs from what is expected, with both sides kept for drawing.

    Numbers within ``tolerance`` of each other are right; 0 where the shapes differ.
    """

    def __init__(
        self,
        message: str,
        expected: Tensor,
        got: Tensor,
        what: str = "",
        tolerance: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.what = what
        self.tolerance = tolerance
        self.expected = expected
        self.got = got


# What a check says in English, in the language that students read; a session sets it.
say: ContextVar[Callable[[str], str]] = ContextVar("say")


def said(text: str) -> str:
    """``text`` of a check as students read it."""
    return say.get(str)(text)


class Comparison(msgspec.Struct, frozen=True):
    """What one ``assert_close`` was given."""

    got: Tensor
    expected: Tensor
    what: str


comparisons: ContextVar[list[Comparison] | None] = ContextVar("comparisons", default=None)


@contextmanager
def recording() -> Iterator[list[Comparison]]:
    """A list of every comparison made while this is open, in order. Nothing is kept without it."""
    made: list[Comparison] = []
    before = comparisons.set(made)
    try:
        yield made
    finally:
        comparisons.reset(before)


def assert_close(
    got: Tensor,
    expected: Tensor,
    *,
    what: str = "",
    rtol: float = 1e-5,
    atol: float = 1e-5,
    scale: float | None = None,
) -> None:
    """Pass when ``|got - expected| <= (atol + rtol) * scale`` everywhere, shapes equal, no NaN.

    Args:
        got: The student's answer, any real dtype.
        expected: float, the same shape.
        what: What is compared, for the message: "the gradient of K".
        rtol: Relative tolerance, against ``scale``.
        atol: Absolute tolerance, against ``scale``.
        scale: By default the largest expected magnitude, at least 1.

    Raises:
        Mismatch: The answer differs.
    """
    what = said(what)
    if (made := comparisons.get()) is not None:
        made.append(Comparison(got, expected, what or _("the result")))
    if tuple(got.shape) != tuple(expected.shape):
        raise Mismatch(
            _("{what}: shape {got}, expected shape {expected}").format(
                what=what or _("the result"),
                got=tuple(got.shape),
                expected=tuple(expected.shape),
            ),
            expected,
            got,
            what,
        )
    got64, expected64 = _float64(got), _float64(expected)
    if scale is None:
        scale = max(1.0, float(np.abs(expected64).max(initial=0.0)))
    if not math.isfinite(scale):  # made from weights of the student's; it would let anything pass
        scale = 1.0
    tolerance = (atol + rtol) * scale
    with np.errstate(invalid="ignore", over="ignore"):
        right = np.abs(got64 - expected64) <= tolerance  # False for NaN, inf - inf too
    if not right.all():
        raise Mismatch(
            _("{what}: {count} of {total} values differ\n{grids}").format(
                what=what or _("the result"),
                count=right.size - np.count_nonzero(right),
                total=right.size,
                grids=side_by_side(expected, got),
            ),
            expected,
            got,
            what,
            tolerance,
        )


def _float64(values: Tensor) -> NDArray[np.float64]:
    """As numpy has them, whose operations on so few values take less time than torch's."""
    array: NDArray[np.float64] = values.detach().double().numpy()
    return array


def side_by_side(
    expected: Tensor, got: Tensor, rows: int = _SHOWN_ROWS, columns: int = _SHOWN_COLUMNS
) -> str:
    """Both tensors as text grids next to each other, cut to a readable corner."""
    left = [_("expected"), *grid(expected, rows, columns)]
    right = [_("got"), *grid(got, rows, columns)]
    width = max(len(line) for line in left)
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return "\n".join(f"  {a:<{width}}   {b}".rstrip() for a, b in zip(left, right, strict=True))


def grid(values: Tensor, rows: int = _SHOWN_ROWS, columns: int = _SHOWN_COLUMNS) -> list[str]:
    """The lines of a tensor as text, cut to a corner; leading dimensions lie below each other."""
    table = values.reshape(1, -1) if values.dim() < 2 else values.flatten(0, -2)
    cells = [[_number(float(v)) for v in row[:columns]] for row in table[:rows]]
    width = max((len(cell) for row in cells for cell in row), default=0)
    more = " ..." if table.shape[1] > columns else ""
    lines = ["[" + " ".join(f"{cell:>{width}}" for cell in row) + more + "]" for row in cells]
    return lines + (["..."] if table.shape[0] > rows else [])


def _number(value: float) -> str:
    return f"{value + 0.0:.4g}"  # + 0.0 turns -0.0 into 0.0
