"""exports/: where exports are written, so that nothing of an earlier one is taken for new."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _
from autograder.outputs.exports.model import Export, is_safe_name
from autograder.outputs.pages import write_whole


def write_export(folder: Path, export: Export, only: Collection[str] = ()) -> Export:
    """``export`` with what was written of it, and whatever could not be under its name.

    Only their owner reads the files. Of an earlier export nothing stays: a student who has no score
    any more has no file any more. With ``only`` that holds for these students alone.

    Raises OperatorError where ``folder`` cannot be written.
    """
    files, needed = {}, list(export.needed)
    for path, data in export.files.items():
        if all(map(is_safe_name, path.split("/"))):
            files[path] = data
        else:
            needed.append(
                _("{path}: no file can be called so\n  fix: rename the student's folder").format(
                    path=escape.one_line(path)
                )
            )
    try:
        _clear(folder, only)
        for path, data in files.items():
            write_whole(folder / path, data)
    except OSError as error:
        raise OperatorError(
            _(
                "{path}: the export cannot be written: {why}\n  fix: free the disk or make the "
                "folder writable, then run the same command again"
            ).format(path=folder, why=error.strerror or error)
        ) from error
    return msgspec.structs.replace(export, files=files, needed=tuple(needed))


def _clear(folder: Path, only: Collection[str]) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotADirectoryError(0, _("there is something else of that name"))
    gone = [folder / student for student in only if is_safe_name(student)] if only else [folder]
    for path in gone:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
