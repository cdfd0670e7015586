"""A folder as a tree: an unpacked download, or one student's. Links are not followed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.collecting.handed import Refused
from autograder.classroom.collecting.member_names import colliding_names, same_name, why_no_path
from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable, read_regular_file

_MAX_ENTRIES = 200_000
_MAX_DEPTH = 12


class FolderTree:
    """The files below ``folder``, which is the instructor's; what is in it may be anybody's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: list[str] = []
        self._refused: list[Refused] = []
        self._walk(folder, "", _MAX_DEPTH)
        colliding = colliding_names(self._found)
        self._refused += [Refused(path, same_name()) for path in colliding]
        self.paths: Sequence[str] = tuple(sorted(set(self._found) - colliding))
        self.refused: Sequence[Refused] = tuple(sorted(self._refused, key=lambda one: one.path))

    def _walk(self, folder: Path, above: str, depth: int) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            self._refused.append(Refused(above, _("cannot be read: {why}").format(why=why)))
            return
        for entry in entries:
            path = above + entry.name
            if len(self._found) + len(self._refused) > _MAX_ENTRIES:
                raise OperatorError(
                    _("{folder}: holds more than {limit} files\n  fix: collect it in parts").format(
                        folder=printable(self._folder), limit=_MAX_ENTRIES
                    )
                )
            if entry.is_symlink():
                self._refused.append(Refused(path, _("is a link")))
            elif why := why_no_path(entry.name):
                self._refused.append(Refused(path, why))
            elif entry.is_dir(follow_symlinks=False):
                if depth:
                    self._walk(folder / entry.name, f"{path}/", depth - 1)
                else:
                    self._refused.append(Refused(path, _("lies too deep in other folders")))
            elif entry.is_file(follow_symlinks=False):
                self._found.append(path)
            else:
                self._refused.append(Refused(path, _("is no regular file")))

    def read(self, path: str, max_bytes: int) -> bytes:
        """One file's bytes; raises SubmissionError where it cannot be read."""
        try:
            return read_regular_file(self._folder, tuple(path.split("/")), max_bytes)
        except FileNotFoundError as error:
            raise SubmissionError(
                _("{path}: is not there any more\n  fix: collect again").format(
                    path=printable(path)
                )
            ) from error
