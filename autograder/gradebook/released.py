"""The released notebook's cells, as nbgrader registers them in its gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.spec import AssignmentSpec


class Marks(msgspec.Struct, frozen=True):
    """What nbgrader keeps in a cell's metadata."""

    grade_id: str
    grade: bool = False
    solution: bool = False
    locked: bool = False
    points: float | None = None
    checksum: str | None = None


class CellMetadata(msgspec.Struct, frozen=True):
    """What is read of a cell's metadata."""

    nbgrader: Marks | None = None


class Cell(msgspec.Struct, frozen=True):
    """One cell."""

    cell_type: str
    metadata: CellMetadata
    source: str | list[str]


class NotebookMetadata(msgspec.Struct, frozen=True):
    """What is read of the notebook's metadata."""

    kernelspec: dict[str, Any] = {}


class Notebook(msgspec.Struct, frozen=True):
    """A notebook file, as far as the gradebook is concerned."""

    metadata: NotebookMetadata = NotebookMetadata()
    cells: list[Cell] = []


def read_release(path: Path, spec: AssignmentSpec) -> Notebook:
    """The released notebook at ``path``. Raises OperatorError when it is not of ``spec``."""
    try:
        notebook = msgspec.json.decode(path.read_bytes(), type=Notebook)
    except (OSError, msgspec.DecodeError) as error:
        raise OperatorError(
            _("cannot read the released notebook {path}: {error}\n  fix: make release").format(
                path=path, error=error
            )
        ) from error
    marked = [cell.metadata.nbgrader for cell in notebook.cells if cell.metadata.nbgrader]
    points = {marks.grade_id: marks.points for marks in marked if marks.grade}
    if points != {exercise.name: exercise.points for exercise in spec.exercises}:
        raise OperatorError(
            _(
                "the grade cells of {path} are not the exercises of assignment.toml\n"
                "  fix: make release"
            ).format(path=path)
        )
    return notebook
