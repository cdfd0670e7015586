"""What there is at a SOURCE: clones, a download as it came or unpacked, or a folder of files."""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.classroom.collected import Source
from autograder.classroom.collecting.archive import open_archive
from autograder.classroom.collecting.downloads import items_of_download, kind_of_download
from autograder.classroom.collecting.folder import FolderTree
from autograder.classroom.collecting.handed import Found, Tree
from autograder.classroom.collecting.repositories import (
    Clones,
    clones_in,
    folder_of_clones,
    kind_of_clones,
)
from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

_CLONES: tuple[Source, ...] = ("github", "classroom50")


def found_at(path: Path, kind: Source | None, clones: Clones) -> Found:
    """What is handed in at ``path``. ``kind``: what it is, where that was said.

    Raises OperatorError where there is nothing, it cannot be read, or its kind not be told.
    """
    if not path.exists():
        raise OperatorError(
            _("{path}: is not there\n  fix: name a folder of clones, or a download").format(
                path=printable(path)
            )
        )
    assignment = clones.wanted.assignment
    if path.is_dir() and (kind is None or kind in _CLONES):
        folder = folder_of_clones(path, assignment) or (path if kind else None)
        if folder is not None:
            source = kind or kind_of_clones(folder, assignment)
            return clones_in(folder, msgspec.structs.replace(clones, source=source))
    tree = _tree(path)
    source_kind = kind or kind_of_download(tree, assignment)
    if source_kind is None or source_kind in _CLONES:
        raise OperatorError(
            _(
                "{path}: whose download this is, its names do not tell\n  fix: --from github, "
                "classroom50, canvas, moodle, gradescope or folder (<student>/<files>)"
            ).format(path=printable(path))
        )
    try:
        found = items_of_download(tree, source_kind, clones.wanted)
    except SubmissionError as error:
        raise OperatorError(str(error)) from error
    if not found.items:
        raise OperatorError(
            _("{path}: holds no submission as {kind} names them\n  fix: another --from").format(
                path=printable(path), kind=source_kind
            )
        )
    return found


def _tree(path: Path) -> Tree:
    if path.is_dir():
        return FolderTree(path)
    try:
        return open_archive(path)
    except SubmissionError as error:
        raise OperatorError(str(error)) from error
