"""What practice remembers between two runs: which exercises were done, which hints were given.

A small file in the student's own folder. It is never trusted and nothing is graded by it: whatever
is broken or foreign in it counts as nothing, and where it cannot be written, nothing is remembered.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

FOLDER = ".autograder"
_FILE = "progress.json"
_MAX_BYTES = 2**16
_MAX_FILES = 20  # of the student's, the one checked last at the end
_MAX_STEPS = 100
# So that nobody's repository takes the folder in; pytest does the same with its own.
_IGNORE = "*\n"


class Progress(msgspec.Struct, frozen=True):
    """What the last run on one file came to; ``hints`` counts the steps given, by check."""

    done: tuple[str, ...] = ()
    hints: dict[str, int] = {}


class _Kept(msgspec.Struct, frozen=True):
    files: dict[str, Progress] = {}


def read_progress(folder: Path, file: str) -> Progress | None:
    """What is remembered of ``file`` in ``folder``, if anything."""
    return _read(folder).files.get(file)


def write_progress(folder: Path, file: str, progress: Progress) -> None:
    """Remember ``progress`` for the next run on ``file``, if that can be written."""
    files = _read(folder).files
    files.pop(file, None)
    latest = dict([*files.items(), (file, progress)][-_MAX_FILES:])
    place = folder / FOLDER
    unfinished = place / f".{_FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        if place.is_symlink():
            return
        place.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError), (place / ".gitignore").open("x") as ignore:
            ignore.write(_IGNORE)
        unfinished.write_bytes(msgspec.json.encode(_Kept(latest)))
        unfinished.replace(place / _FILE)
    with contextlib.suppress(OSError):
        unfinished.unlink(missing_ok=True)


def next_step(given: int, asked: bool, steps: int) -> int:
    """How many of a check's ``steps`` are given now.

    Args:
        given: In the runs before this one, while the check kept failing.
        asked: Whether the next one was asked for.
        steps: How many there are; the first is given without asking.
    """
    return min(max(given, 1) + int(asked), steps)


def remembered(hints: Mapping[str, int], failing: Sequence[str]) -> dict[str, int]:
    """The hints given for the checks that still fail; the others begin anew."""
    return {name: count for name, count in hints.items() if name in failing}


def _read(folder: Path) -> _Kept:
    path = folder / FOLDER / _FILE
    if not path.is_file():  # to open anything else may take for ever
        return _Kept()
    try:
        with path.open("rb") as file:
            kept = msgspec.json.decode(file.read(_MAX_BYTES + 1), type=_Kept)
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return _Kept()
    return _Kept({name: _within_bounds(one) for name, one in kept.files.items()})


def _within_bounds(progress: Progress) -> Progress:
    hints = {name: max(0, min(n, _MAX_STEPS)) for name, n in progress.hints.items()}
    return Progress(progress.done, hints)
