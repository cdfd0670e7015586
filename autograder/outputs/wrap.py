"""Long lines on a terminal, broken between words; elsewhere they stay as they are."""

from __future__ import annotations

import shutil
from typing import TextIO

from autograder import escape

_HANGING = "    "  # before what a line goes on with: nothing that is quoted begins a line


def for_stream(text: str, stream: TextIO) -> str:
    """``text``, plain and escaped, as it is printed to ``stream``."""
    if not stream.isatty():
        return text
    return wrapped(text, shutil.get_terminal_size().columns)


def wrapped(text: str, width: int) -> str:
    """``text`` in lines of ``width`` columns at most, as far as its words are that short."""
    # What stands at the beginning of a line now may be an order to what reads it.
    return escape.lines("\n".join(_wrapped_line(line, width) for line in text.split("\n")))


def _wrapped_line(line: str, width: int) -> str:
    from rich.cells import cell_len  # here: rich takes its time, and most lines are short

    if len(line) * 2 <= width or cell_len(line) <= width:
        return line
    first, *words = line.lstrip(" ").split(" ")
    indent = line[: len(line) - len(line.lstrip(" "))]
    lines = [indent + first]
    for word in words:
        if cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(indent + _HANGING + word)
    return "\n".join(lines)
