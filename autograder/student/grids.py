"""The pictures of a failed check in a terminal: grids side by side, as many as its width allows.

What is wrong, and where it comes from, is marked by signs too, for whoever sees no colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len

from autograder import escape
from autograder.messages import _
from autograder.outputs.pictures import DrawnCell, DrawnGrid, Picture
from autograder.student.screen import Line, Screen, Span, line
from autograder.student.shades import INK, near_shade, shade

_BETWEEN = 3  # columns from one grid to the next
_INDENT = 4
_MARKS = {"window": ("[", "]"), "wrong": (" ", "*")}
_NO_MARK = (" ", " ")


class _Block(msgspec.Struct, frozen=True):
    """A drawn grid: lines, and the columns that the longest takes."""

    lines: tuple[Line, ...]
    columns: int


def picture_lines(picture: Picture, inputs: int, screen: Screen) -> list[Line]:
    """``picture`` for ``screen``, indented, with what its marks mean below it.

    Its first ``inputs`` grids, which the function was given, have lines of their own where not all
    fit side by side: so expected and got stay beside each other.
    """
    room = max(12, screen.columns - _INDENT)
    is_wide = any(len(g.rows) == 1 and _grid_columns(g, screen) > room for g in picture.grids)
    blocks = [
        _block(_upright(grid) if is_wide and len(grid.rows) == 1 else grid, screen, room)
        for grid in picture.grids
    ]
    margin = Span(" " * _INDENT)
    rows = list(_rows(blocks, room))
    if len(rows) > 1:
        rows = [*_rows(blocks[:inputs], room), *_rows(blocks[inputs:], room)]
    lines = [(margin, *one) for row in rows for one in _beside(row)]
    lines += [(margin, *one) for one in _legend(picture)]
    return lines


def sentence_of(picture: Picture) -> str:
    """Its sentence, in the words of a terminal: nothing is outlined here."""
    if not _sample(picture, "window"):
        return picture.sentence
    return f"{picture.which} {_('It comes from the window in brackets.')}"


def _sample(picture: Picture, mark: str) -> str:
    """A number with ``mark`` as it is drawn, the leftmost: that is cut off last."""
    found = [
        (column, cell.text)
        for grid in picture.grids
        for row in grid.rows
        for column, cell in enumerate(row)
        if cell.mark == mark
    ]
    if not found:
        return ""
    left, right = _MARKS[mark]
    text = min(found, key=lambda one: one[0])[1]
    return f"{left}{text}{right}".strip()


def _upright(grid: DrawnGrid) -> DrawnGrid:
    """A single row as a column: what is too long for the screen is short enough for its height."""
    return msgspec.structs.replace(grid, rows=tuple((cell,) for cell in grid.rows[0]))


def _cell_columns(grid: DrawnGrid, screen: Screen) -> int:
    """Of the longest number, with its marks on both sides."""
    return 2 + max((len(screen.sign(c.text)) for row in grid.rows for c in row), default=0)


def _grid_columns(grid: DrawnGrid, screen: Screen) -> int:
    return _cell_columns(grid, screen) * max((len(row) for row in grid.rows), default=0)


def _block(grid: DrawnGrid, screen: Screen, room: int) -> _Block:
    columns = _cell_columns(grid, screen)
    most = max(1, room // columns)
    is_cut = grid.is_cut or any(len(row) > most for row in grid.rows)
    caption = f"{grid.caption} ({grid.shape})" + (" …" if is_cut else "")
    caption = screen.sign(escape.one_line(caption))
    lines = [line(caption, "bold")]
    lines += [
        tuple(_number(cell, columns, screen) for cell in row[:most]) or line("")
        for row in grid.rows
    ]
    return _Block(tuple(lines), max(_columns(one) for one in lines))


def _number(cell: DrawnCell, columns: int, screen: Screen) -> Span:
    left, right = _MARKS.get(cell.mark, _NO_MARK)
    text = f"{left}{screen.sign(cell.text):>{columns - 2}}{right}"
    emphasis = "bold " if cell.mark else ""
    if screen.colours in ("all", "many"):
        colour = shade(cell.strength) if screen.colours == "all" else near_shade(cell.strength)
        return Span(text, f"{emphasis}{INK} on {colour}")
    if screen.colours == "few" and cell.strength:
        return Span(text, f"{emphasis}black on {'yellow' if cell.strength > 0 else 'cyan'}")
    return Span(text, emphasis.strip())


def _rows(blocks: Sequence[_Block], room: int) -> Iterator[list[_Block]]:
    """The blocks, as many in a row as there is room for."""
    row: list[_Block] = []
    used = 0
    for block in blocks:
        if row and used + _BETWEEN + block.columns > room:
            yield row
            row, used = [], 0
        used += block.columns + (_BETWEEN if row else 0)
        row.append(block)
    if row:
        yield row


def _beside(blocks: Sequence[_Block]) -> Iterator[Line]:
    for number in range(max(len(block.lines) for block in blocks)):
        spans: list[Span] = []
        for block in blocks:
            own = block.lines[number] if number < len(block.lines) else ()
            missing = block.columns - _columns(own)
            spans += [*own, Span(" " * (missing + _BETWEEN))]
        yield tuple(spans[:-1]) if spans[:-1] else line("")


def _columns(spans: Line) -> int:
    """On a terminal, where a Chinese character takes two."""
    return sum(cell_len(span.text) for span in spans)


def _legend(picture: Picture) -> Iterator[Line]:
    """What the marks mean, of those there are."""
    said = []
    if sample := _sample(picture, "wrong"):
        said.append(_("{sample} differs from the expected number").format(sample=sample))
    if sample := _sample(picture, "window"):
        said.append(_("{sample} is in the window").format(sample=sample))
    if said:
        yield line(" · ".join(said), "dim")
