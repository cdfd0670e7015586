"""A failed check as a picture: number grids with what is wrong, and where it comes from, marked.

Drawn by the student's page, the terminal and the notebook, each in its own way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from autograder.messages import _
from autograder.report import Drawing, Grid


class DrawnCell(msgspec.Struct, frozen=True):
    """One number of a drawn grid."""

    text: str
    strength: float = 0.0  # from -1 to 1: its share of the largest magnitude, with its sign
    mark: str = ""  # "wrong", or "window" for what a wrong number comes from


class DrawnGrid(msgspec.Struct, frozen=True):
    """A grid of numbers with a caption."""

    caption: str
    shape: str
    rows: tuple[tuple[DrawnCell, ...], ...]
    is_cut: bool


class Picture(msgspec.Struct, frozen=True):
    """Grids beside each other, and a sentence on where it first goes wrong."""

    grids: tuple[DrawnGrid, ...]
    sentence: str
    which: str = ""  # number is the first that differs: the sentence without where it comes from


def picture_of(drawing: Drawing, windows: Iterable[str] = (), names: Sequence[str] = ()) -> Picture:
    """Inputs, expected, got and their difference; what is wrong outlined.

    Where the function that was called is one of ``windows``, the window of its first argument that
    the first wrong number comes from is outlined, too. ``names`` are those of its tensors.
    """
    expected, got = drawing.expected, drawing.got
    same_shape = expected.shape == got.shape
    wrong = set(_wrong(expected, got, drawing.tolerance)) if same_shape else set()
    first = min(wrong, default=None)
    window: set[tuple[int, int]] = set()
    sentence = which = ""
    if first is not None:
        row, column = first
        sentence = (
            _("The first number that differs is number {number}.").format(number=column + 1)
            if len(expected.shape) == 1
            else _("The first number that differs is in row {row}, column {column}.").format(
                row=row + 1, column=column + 1
            )
        )
        which = sentence
        shapes = [grid.shape for grid in drawing.inputs]
        if drawing.function in windows and [len(shape) for shape in shapes] == [2, 2]:
            height, width = shapes[1]
            window = {(row + a, column + b) for a in range(height) for b in range(width)}
            sentence = f"{sentence} " + _("It comes from the outlined window of the image.")
    elif not same_shape:
        sentence = _("The shapes differ: {expected} was expected, and it is {got}.").format(
            expected=_shape(expected), got=_shape(got)
        )
    largest = _largest((expected, got))
    grids = [
        _drawn(
            _given(number, names),
            grid,
            _largest([grid]),
            dict.fromkeys(window, "window") if number == 0 else {},
        )
        for number, grid in enumerate(drawing.inputs[:2])
    ]
    grids.append(_drawn(_("expected"), expected, largest, {}))
    grids.append(_drawn(_("yours"), got, largest, dict.fromkeys(wrong, "wrong")))
    if same_shape and wrong:
        difference = _difference(expected, got, drawing.tolerance)
        grids.append(_drawn(_("yours − expected"), difference, _largest([difference]), {}))
    return Picture(tuple(grids), sentence, which)


def _given(number: int, names: Sequence[str]) -> str:
    if number < len(names):
        return _("{name}, given").format(name=names[number])
    return _("given, {number}").format(number=number + 1)


def _wrong(expected: Grid, got: Grid, tolerance: float) -> Iterable[tuple[int, int]]:
    for i, (right_row, row) in enumerate(zip(expected.rows, got.rows, strict=False)):
        for j, (right, value) in enumerate(zip(right_row, row, strict=False)):
            if not abs(_number(value) - _number(right)) <= tolerance:  # NaN is wrong, too
                yield i, j


def _difference(expected: Grid, got: Grid, tolerance: float) -> Grid:
    """``got - expected``; what is right differs by nothing."""

    def between(right: float | str, value: float | str) -> float:
        difference = _number(value) - _number(right)
        return 0.0 if abs(difference) <= tolerance else difference

    rows = tuple(
        tuple(between(right, value) for right, value in zip(a, b, strict=False))
        for a, b in zip(expected.rows, got.rows, strict=False)
    )
    return Grid(expected.shape, rows)


def _drawn(
    caption: str, grid: Grid, largest: float, marks: Mapping[tuple[int, int], str]
) -> DrawnGrid:
    rows = tuple(
        tuple(
            DrawnCell(_text(value), _strength(value, largest), marks.get((i, j), ""))
            for j, value in enumerate(row)
        )
        for i, row in enumerate(grid.rows)
    )
    shown = sum(len(row) for row in grid.rows)
    return DrawnGrid(caption, _shape(grid), rows, shown < math.prod(grid.shape))


def _text(value: float | str) -> str:
    number = _number(value)
    if not math.isfinite(number):
        return {"inf": "∞", "-inf": "−∞"}.get(str(number), "nan")
    rounded = f"{number + 0.0:.0f}" if 1000 <= abs(number) < 1e5 else f"{number + 0.0:.3g}"
    return ("0" if float(rounded) == 0 else rounded).replace("-", "−")


def _strength(value: float | str, largest: float) -> float:
    number = _number(value)
    if not math.isfinite(number) or largest == 0:
        return 0.0
    return round(max(-1.0, min(1.0, number / largest)), 2)


def _largest(grids: Iterable[Grid]) -> float:
    magnitudes = (abs(_number(value)) for grid in grids for row in grid.rows for value in row)
    return max((one for one in magnitudes if math.isfinite(one)), default=0.0)


def _number(value: float | str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _shape(grid: Grid) -> str:
    return " × ".join(map(str, grid.shape)) or _("a single number")
