"""Put what was collected into submitted/: whole or not at all, and never over a person's work.

A folder is ours to replace when it holds just what was collected the last time, by the hashes kept
in the list of what was collected. One that somebody made or changed by hand is left as it is.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.classroom.collected import Collected
from autograder.classroom.collecting.handed import HandedWork, Version
from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.forms import is_pair
from autograder.submission.handed_in import TIMESTAMP
from autograder.submission.reading import names_in_folder, printable, read_regular_file

_MAX_BYTES = 64 * 2**20
_BUILDING = ".collecting-{assignment}-"
# What nbgrader and we put beside a submission, and a notebook server leaves there.
_NOT_HANDED_IN = frozenset(("submission_secret.txt", ".ipynb_checkpoints", "__pycache__"))


def contents(version: Version) -> dict[str, bytes]:
    """What lies in the student's folder: the files, and the time where a server recorded it."""
    files = dict(version.files)
    if version.time_verified and version.submitted_at is not None:
        moment = version.submitted_at.astimezone(datetime.UTC)
        files[TIMESTAMP] = f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    return files


def with_known_time(work: HandedWork, known: Collected | None) -> HandedWork:
    """``work`` with the time that a server said the last time, where it was not asked now.

    The push that brought a commit first does not change.
    """
    last = work.last
    if known is None or last.time_verified or not known.time_verified or not known.submitted_at:
        return work
    if last.commit is None or last.commit != known.commit:
        return work
    at = datetime.datetime.fromisoformat(known.submitted_at)
    last = msgspec.structs.replace(
        last, submitted_at=at, time_source=known.time_source, time_verified=True
    )
    return msgspec.structs.replace(work, last=last)


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, by name."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def why_not_ours(
    folder: Path, student: str, assignment: str, before: Mapping[str, str], now: Mapping[str, str]
) -> str:
    """Why ``folder/student/assignment`` may not be replaced; "" where it may, or is not there.

    ``before``: hashes of what was collected the last time; ``now``: of what would be put there.
    """
    for place in (folder / student, folder / student / assignment):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return _("is a link, or no folder")
    if not (folder / student / assignment).exists():
        return ""
    there = _hashes_there(folder, student, assignment)
    if there in (dict(before), dict(now)):
        return ""
    return _("was changed by hand") if before else _("was not put there by collecting")


def put(folder: Path, student: str, assignment: str, files: Mapping[str, bytes]) -> bool:
    """Whether anything had to be written; raises OperatorError where it cannot be.

    The student's folder is built beside its place and moved there, so that it is never half of it.
    """
    if (folder / student / assignment).exists() and _hashes_there(
        folder, student, assignment
    ) == hashes(files):
        return False
    place = folder / student / assignment
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        building = Path(
            tempfile.mkdtemp(prefix=_BUILDING.format(assignment=assignment), dir=place.parent)
        )
        try:
            new = building / "new"
            new.mkdir()
            for name, data in files.items():
                path = new / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
            if place.exists():
                place.rename(building / "old")
            new.rename(place)
        finally:
            with contextlib.suppress(OSError):
                if not place.exists() and (building / "old").exists():
                    (building / "old").rename(place)
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise _cannot(place, error) from error
    return True


def take_away(folder: Path, student: str, assignment: str) -> None:
    """Remove ``folder/student/assignment``, and the student's folder where it is empty then."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder / student / assignment)
    with contextlib.suppress(OSError):
        (folder / student).rmdir()


def clear_unfinished(folder: Path, assignment: str) -> None:
    """Put back, and clear away, what a run that was killed left in the students' folders."""
    if not folder.is_dir():
        return
    for left in folder.glob(f"*/{_BUILDING.format(assignment=assignment)}*"):
        if left.is_symlink() or left.parent.is_symlink() or not left.is_dir():
            continue
        if (left / "old").is_dir() and not (left.parent / assignment).exists():
            (left / "old").rename(left.parent / assignment)
        shutil.rmtree(left, ignore_errors=True)


def _hashes_there(folder: Path, student: str, assignment: str) -> dict[str, str] | None:
    """Hashes of what lies there, but of our pairs; None where something cannot be read."""
    try:
        found: dict[str, str] = {}
        for name in names_in_folder(folder, (student, assignment)):
            if name in _NOT_HANDED_IN:
                continue
            if (folder / student / assignment / name).is_dir():
                inner: list[tuple[str, ...]] = [
                    (name, one) for one in names_in_folder(folder, (student, assignment, name))
                ]
            else:
                inner = [(name,)]
            for parts in inner:
                data = read_regular_file(folder, (student, assignment, *parts), _MAX_BYTES)
                if not (parts[-1].endswith(".ipynb") and is_pair(data)):
                    found["/".join(parts)] = hashlib.sha256(data).hexdigest()
    except (SubmissionError, OSError):
        return None
    return dict(sorted(found.items()))


def _cannot(place: Path, error: OSError) -> OperatorError:
    return OperatorError(
        _("{path}: cannot be written: {why}\n  fix: free the disk, or make it writable").format(
            path=printable(place), why=os.strerror(error.errno or 0)
        )
    )
