"""The source of an assignment as nbgrader's two notebooks, and the released one as a script.

The released notebook is made by the preprocessors of nbgrader's own ``generate_assignment``, all
but the one that needs a database, so that command ends with the same bytes.
"""

# nbformat and nbconvert annotate only some of their functions.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import is_solution
from traitlets.config import Config

from autograder.errors import AuthorError
from autograder.messages import _

# Fixed, because the version of whoever runs the command must not show in a committed file.
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_KEPT_CELL_METADATA = ("nbgrader", "tags")  # the rest is jupytext's note of blank lines
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # nbformat 4.5
_BEGIN, _END = "BEGIN SOLUTION", "END SOLUTION"  # nbgrader's ClearSolutions


def source_notebook(script: str, path: Path) -> Any:
    """The notebook node of a percent-format ``script``, solutions and all, with stable cell ids.

    Raises:
        AuthorError: A cell's metadata cannot be read; ``path`` is where the script was.
    """
    notebook = jupytext.reads(script, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(_METADATA)
    for position, cell in enumerate(notebook.cells):
        if "incorrectly_encoded_metadata" in cell.metadata:
            raise AuthorError(
                _("{path}: a cell's metadata is no JSON: {text}\n  fix: correct that line").format(
                    path=path, text=cell.metadata["incorrectly_encoded_metadata"]
                )
            )
        kept = {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        cell.id = _cell_id(position, cell)
    return notebook


def released_notebook(source: Any, path: Path) -> Any:
    """``source`` as students get it: stubs for solutions, locked grade cells, checksums.

    Raises:
        AuthorError: nbgrader refuses the notebook; ``path`` is where its script was.
    """
    exporter = NotebookExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    for preprocessor in GenerateAssignment.preprocessors.default():
        if preprocessor is not SaveCells:
            exporter.register_preprocessor(preprocessor)
    try:
        text, _resources = exporter.from_notebook_node(source)
    except Exception as error:  # nbgrader raises RuntimeError, ValueError, KeyError, its own
        raise AuthorError(
            _("{path}: nbgrader refuses the notebook: {error}\n  fix: correct that cell").format(
                path=path, error=str(error) or type(error).__name__
            )
        ) from error
    return nbformat.reads(text, as_version=4)


def notebook_bytes(notebook: Any) -> bytes:
    """``notebook`` as nbgrader writes it."""
    return (str(nbformat.writes(notebook)).rstrip("\n") + "\n").encode()


def script_bytes(notebook: Any) -> bytes:
    """``notebook`` as a percent-format script: the same cells, no metadata and no header."""
    bare = nbformat.from_dict(notebook)
    no_metadata = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "-all"}
    bare.metadata = nbformat.from_dict({**_METADATA, "jupytext": no_metadata})
    return str(jupytext.writes(bare, fmt="py:percent")).encode()


def split_solutions(source: Any) -> tuple[list[str], list[str]]:
    """The lines inside of solution regions and those outside, each in order.

    A solution cell without a region is a region as a whole: nbgrader replaces all of it.
    """
    inside: list[str] = []
    outside: list[str] = []
    for cell in source.cells:
        lines = cell.source.splitlines()
        in_region = is_solution(cell) and not any(_BEGIN in line for line in lines)
        for line in lines:
            if _BEGIN in line or _END in line:
                in_region = _BEGIN in line
            else:
                (inside if in_region else outside).append(line.strip())
    return inside, outside


def _cell_id(position: int, cell: Any) -> str:
    grade_id = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
    if _CELL_ID.fullmatch(grade_id):
        return grade_id
    return hashlib.sha256(f"{position}\n{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
