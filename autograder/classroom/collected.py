"""What was collected for one assignment, and from where: kept beside the submissions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _

Source = Literal["github", "classroom50", "canvas", "moodle", "gradescope", "folder"]


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """One student's work, and where it came from."""

    student: str  # the name of the folder in submitted/
    source: Source
    origin: str  # the folder, or the archive's member, as it was found
    repository: str | None = None  # "OWNER/NAME" on GitHub, where it is known
    github_username: str | None = None
    commit: str | None = None  # 40 or 64 hexadecimal digits
    tag: str | None = None
    submitted_at: str | None = None  # ISO 8601, UTC
    time_source: str = ""  # who says so, such as "push" or "tag"; the student where not verified
    time_verified: bool = False  # a server recorded it
    # SHA-256 of what was put into the student's folder, and beside it of the version from before
    # the deadline: a folder that holds anything else was made or changed by a person.
    files: dict[str, str] = {}
    on_time_files: dict[str, str] = {}


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """All that was collected for one assignment, sorted by student."""

    schema: Literal["autograder/collected/v1"] = "autograder/collected/v1"
    assignment: str
    collected: tuple[Collected, ...]


def collection_path(submitted: Path, assignment: str) -> Path:
    """Where it is kept: a file among the students' folders that is taken for no student."""
    return submitted / f".collected-{assignment}.json"


def read_collection(submitted: Path, assignment: str) -> Collection | None:
    """What was collected into ``submitted``; None where the work came there in another way.

    Raises OperatorError where the file cannot be read.
    """
    path = collection_path(submitted, assignment)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Collection)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise OperatorError(
            _("{path}: {error}\n  fix: autograder collect makes it anew").format(
                path=path, error=error
            )
        ) from error


def write_collection(submitted: Path, collection: Collection) -> None:
    """Keep ``collection`` beside the submissions, whole or not at all; only its owner reads it."""
    path = collection_path(submitted, collection.assignment)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    data = msgspec.json.format(msgspec.json.encode(collection), indent=2) + b"\n"
    try:
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
