"""Open a student's file without following a link, waiting on a pipe, or reading without end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from autograder import escape
from autograder.errors import SubmissionError
from autograder.messages import _


def read_regular_file(folder: Path, parts: tuple[str, ...], max_bytes: int) -> bytes:
    """The bytes of ``folder/parts``, read once.

    ``folder`` is the instructor's and trusted; each of ``parts`` is opened by itself and may be
    neither a link nor, at the end, anything but a regular file.

    Raises:
        FileNotFoundError: There is none.
        SubmissionError: It is a link, a pipe, a folder, too large, another's, or cannot be read.
    """
    shown = printable(Path(*parts))  # not where the operator keeps it
    with _opened_folder(folder, parts[:-1], shown) as above, _errors_told(shown):
        _refuse_a_path(parts[-1:], shown)
        opened = os.open(parts[-1], _carefully(), dir_fd=above)
        try:
            return _read(opened, above, shown, max_bytes)
        finally:
            os.close(opened)


def names_in_folder(folder: Path, parts: tuple[str, ...]) -> list[str]:
    """The names in ``folder/parts``, sorted. Raises as `read_regular_file` does."""
    shown = printable(Path(*parts))  # not where the operator keeps it
    with _opened_folder(folder, parts, shown) as opened, _errors_told(shown):
        return sorted(os.listdir(opened))  # noqa: PTH208 - of the folder that is open, not of a path


def printable(path: Path | str) -> str:
    """``path`` for people and reports: one line, no control characters, no lone surrogates."""
    return escape.one_line(path)


@contextlib.contextmanager
def _opened_folder(folder: Path, parts: tuple[str, ...], shown: str) -> Iterator[int]:
    """A descriptor of ``folder/parts``, reached one part after the other."""
    with contextlib.ExitStack() as undo:
        with _errors_told(shown):
            _refuse_a_path(parts, shown)
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            undo.callback(os.close, opened)
            for part in parts:
                opened = os.open(part, _carefully() | os.O_DIRECTORY, dir_fd=opened)
                undo.callback(os.close, opened)
        yield opened


def _carefully() -> int:
    """Nothing is followed, waited for, inherited, or made the terminal that sends us signals."""
    # A function: these are not there on the systems where students only practise.
    return os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def _refuse_a_path(parts: tuple[str, ...], shown: str) -> None:
    """A part is one name: the system would follow the links inside of a longer path."""
    for part in parts:
        if part in ("", ".", "..") or "/" in part or "\0" in part or not _encodable(part):
            raise SubmissionError(
                _("{path}: is no name of a file\n  fix: rename it, and hand it in again").format(
                    path=shown
                )
            )


def _encodable(part: str) -> bool:
    try:
        os.fsencode(part)
    except UnicodeEncodeError:
        return False
    return True


def _read(opened: int, above: int, shown: str, max_bytes: int) -> bytes:
    status = os.fstat(opened)
    if not stat.S_ISREG(status.st_mode):
        raise SubmissionError(
            _("{path}: is no regular file but {kind}\n  fix: hand in the file itself").format(
                path=shown, kind=_kind(status.st_mode)
            )
        )
    # A second name of somebody else's file, laid where we would grade it. Copies of a whole class
    # made with `cp -al` have second names too, but of files that belong to the folder's owner.
    if status.st_nlink > 1 and status.st_uid != os.fstat(above).st_uid:
        raise SubmissionError(
            _(
                "{path}: is a hard link to a file of another owner than its folder's\n"
                "  fix: hand in a copy of the file"
            ).format(path=shown)
        )
    chunks = []
    left = max_bytes + 1
    while left > 0 and (chunk := os.read(opened, min(left, 2**20))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        raise SubmissionError(
            _(
                "{path}: is larger than {limit:.0f} MiB\n  fix: clear all outputs and pictures "
                "and hand it in again"
            ).format(path=shown, limit=max_bytes / 2**20)
        )
    return b"".join(chunks)


@contextlib.contextmanager
def _errors_told(shown: str) -> Iterator[None]:
    """An error of the system inside becomes a SubmissionError; a missing file stays what it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SubmissionError(_cannot_open(shown, error)) from error


def _cannot_open(shown: str, error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return _("{path}: is a link, or lies behind one\n  fix: hand in the file itself").format(
            path=shown
        )
    return _("{path}: cannot be read: {why}\n  fix: check its permissions").format(
        path=shown, why=os.strerror(error.errno or 0)
    )


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: _("a folder"), stat.S_IFIFO: _("a pipe"), stat.S_IFSOCK: _("a socket")}
    return kinds.get(stat.S_IFMT(mode), _("a device"))
