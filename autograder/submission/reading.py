"""Open a student's file without following a link, waiting on a pipe, or reading without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.messages import _


def read_regular_file(folder: Path, parts: tuple[str, ...], max_bytes: int) -> bytes:
    """The bytes of ``folder/parts``, read once.

    ``folder`` is the instructor's and trusted; each of ``parts`` is opened by itself and may be
    neither a link nor, at the end, anything but a regular file.

    Raises:
        FileNotFoundError: There is none.
        SubmissionError: It is a link, a pipe, a folder, too large, or cannot be read.
    """
    shown = printable(folder.joinpath(*parts))
    no_follow = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | no_follow, dir_fd=opened)
            os.close(opened)
            opened = deeper
        deeper = os.open(parts[-1], os.O_RDONLY | no_follow, dir_fd=opened)
        os.close(opened)
        opened = deeper
        return _read(opened, shown, max_bytes)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SubmissionError(_cannot_open(shown, error)) from error
    finally:
        os.close(opened)


def printable(path: Path | str) -> str:
    """``path`` for people and reports: no control characters, no lone surrogates."""
    text = str(path).encode("utf-8", "backslashreplace").decode()
    return "".join(ch if ch.isprintable() else f"\\x{ord(ch):02x}" for ch in text)


def _read(opened: int, shown: str, max_bytes: int) -> bytes:
    status = os.fstat(opened)
    if not stat.S_ISREG(status.st_mode):
        raise SubmissionError(
            _("{path}: is no regular file but {kind}\n  fix: hand in the file itself").format(
                path=shown, kind=_kind(status.st_mode)
            )
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
