"""What a student handed in, in the frame of the released notebook: safe to show, whole to nbgrader.

Whatever was done to the cells (removed, doubled, moved, renamed, another kernel, metadata of an old
version, none at all, a script), the result is a notebook with each graded cell once, as released.
It is for reading: what is graded is the file itself.
"""

from __future__ import annotations

import codecs
import copy
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.submission.forms import MAX_CELLS, code_cells

Node = dict[str, Any]  # of the notebook format, version 4.5

_MARKER = re.compile(r"^# ?(?:%%|In\[[ \d]*\]:?)(?P<kind>[^\n]*)\n?", re.MULTILINE)
_DEFINED = re.compile(r"^(?:class|(?:async )?def) +(\w+)", re.MULTILINE)
_LONGEST_TEXT = 100_000  # characters of a text cell


class Piece(msgspec.Struct, frozen=True):
    """One cell as it was handed in; nothing of it is trusted."""

    source: str
    is_code: bool = True
    grade_id: str = ""


def read_notebook(path: Path) -> Node:
    """The released notebook at ``path``. Raises OperatorError."""
    try:
        notebook = json.loads(path.read_bytes())
        return {**notebook, "cells": [_joined(cell) for cell in notebook["cells"]]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OperatorError(
            _("cannot read the released notebook {path}: {error}\n  fix: make release").format(
                path=path, error=error
            )
        ) from error


def pieces_of(file: str, data: bytes) -> list[Piece]:
    """The cells of a notebook (``.ipynb``) or script, in order.

    Raises SubmissionError where the file is not what its name says.
    """
    code = code_cells(file, data)  # which refuses what is too much
    if not file.endswith(".ipynb"):
        return _pieces_of_script(code[0].source)
    try:
        notebook = json.loads(data.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):  # in what was passed over above: an output, mostly
        return [Piece(cell.source) for cell in code]
    return [_piece(cell) for cell in notebook["cells"][:MAX_CELLS]]


def in_released_frame(released: Node, pieces: Sequence[Piece]) -> Node:
    """``pieces`` as a notebook of version 4.5 with the metadata of ``released``.

    - Every graded and every solution cell of ``released`` is there exactly once. Graded and locked
      ones have the released text; where a student's text differs, it stands before them.
    - A solution cell is found by its id, then by the name that its stub defines.
    - Outputs, attachments and all other metadata are left out. Text of the student's own is shown
      as it was typed, since a text cell may hold HTML that runs.
    """
    marked = {
        grade_id: cell for cell in released["cells"] if (grade_id := grade_id_of(cell)) is not None
    }
    claimed = _claims(marked, pieces)
    texts = {
        _plain(cell["source"]): cell for cell in released["cells"] if cell["cell_type"] != "code"
    }
    cells: list[Node] = []
    for number, piece in enumerate(pieces, start=1):
        source = _encodable(piece.source)
        grade_id = claimed.get(number - 1)
        if grade_id is not None:
            cell = copy.deepcopy(marked[grade_id])
            if _marks(cell).get("solution") is True:
                cell["source"] = source
            elif _plain(source) != _plain(cell["source"]):
                cells.append(_code(f"own-{number}", source))
            cells.append(cell)
        elif piece.is_code:
            cells.append(_code(f"own-{number}", source))
        elif (text := texts.pop(_plain(source), None)) is not None:
            cells.append(copy.deepcopy(text))
        else:
            cells.append(_text(f"own-{number}", source))
    _add_missing(cells, marked)
    return {
        "cells": [_without_outputs(cell) for cell in cells],
        "metadata": copy.deepcopy(released["metadata"]),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def grade_id_of(cell: Node) -> str | None:
    """The id by which nbgrader knows the cell, None for one it does not know."""
    grade_id = _marks(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) else None


def is_graded(cell: Node) -> bool:
    """Whether the cell carries points."""
    return _marks(cell).get("grade") is True


# --- finding the released cells -----------------------------------------------------------------


def _claims(marked: dict[str, Node], pieces: Sequence[Piece]) -> dict[int, str]:
    """Which piece stands for which released cell; of several the last, as when they are run."""
    by_id: dict[str, int] = {}
    by_source: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for index, piece in enumerate(pieces):
        if piece.is_code:
            by_id[piece.grade_id] = index
            by_source[_plain(piece.source)] = index
            by_name.update(dict.fromkeys(_DEFINED.findall(piece.source), index))
    claimed: dict[int, str] = {}

    def claim(grade_id: str, index: int | None) -> None:
        if index is not None and index not in claimed and grade_id not in claimed.values():
            claimed[index] = grade_id

    for grade_id in marked:
        claim(grade_id, by_id.get(grade_id))
    for grade_id, cell in marked.items():
        claim(grade_id, by_source.get(_plain(cell["source"])))
    for grade_id, cell in marked.items():
        claim(grade_id, by_name.get(_name_of_stub(cell)))
    return claimed


def _name_of_stub(cell: Node) -> str:
    """The function or class that a solution cell is there for, "" for another cell."""
    is_solution = _marks(cell).get("solution") is True
    return next(iter(_DEFINED.findall(cell["source"])), "") if is_solution else ""


def _add_missing(cells: list[Node], marked: dict[str, Node]) -> None:
    """Put each graded and each solution cell that is missing behind the one it follows."""
    place = 0
    for grade_id, cell in marked.items():
        at = next((i for i, one in enumerate(cells) if grade_id_of(one) == grade_id), None)
        if at is not None:
            place = at + 1
        elif is_graded(cell) or _marks(cell).get("solution") is True:
            missing = copy.deepcopy(cell)
            if not is_graded(cell):
                missing["source"] = "# " + _("There is no such cell in what was handed in.")
            cells.insert(place if place or not cells else len(cells), missing)
            place = cells.index(missing) + 1


# --- reading --------------------------------------------------------------------------------------


def _pieces_of_script(text: str) -> list[Piece]:
    markers = list(_MARKER.finditer(text))
    pieces = [Piece(text[: markers[0].start()] if markers else text)]
    ends = [*(marker.start() for marker in markers[1:]), len(text)]
    for marker, end in zip(markers, ends, strict=False):
        body = text[marker.end() : end]
        is_code = not re.search(r"\[(markdown|md|raw)\]", marker["kind"])
        if not is_code:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
        pieces.append(Piece(body.strip("\n"), is_code))
    return [piece for piece in pieces if piece.source.strip()]


def _piece(cell: Any) -> Piece:
    """One cell of a notebook; whatever is not as it should be is as if it were not there."""
    cell = cell if isinstance(cell, dict) else {}
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    grade_id = _marks(cell).get("grade_id")
    return Piece(
        text,
        cell.get("cell_type", "code") == "code",
        grade_id if isinstance(grade_id, str) else "",
    )


def _marks(cell: Node) -> Node:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _joined(cell: Node) -> Node:
    return {**cell, "source": "".join(cell["source"])}


def _plain(source: str) -> str:
    """What is the same for a reader is the same text."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


# --- cells ----------------------------------------------------------------------------------------


def _code(cell_id: str, source: str) -> Node:
    return {"cell_type": "code", "id": cell_id, "metadata": {}, "source": source}


def _text(cell_id: str, source: str) -> Node:
    """A text cell that shows ``source`` letter by letter, whatever reads it."""
    if len(source) > _LONGEST_TEXT:
        source = source[:_LONGEST_TEXT] + " …"
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return {
        "cell_type": "markdown",
        "id": cell_id,
        "metadata": {},
        "source": f"{fence}text\n{source}\n{fence}",
    }


def _without_outputs(cell: Node) -> Node:
    cell.pop("attachments", None)
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell
