"""What was published, to whom and where: kept beside the reports, written before it counts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.outputs.pages import write_whole

Kind = Literal["issue", "comment"]


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One student's feedback on GitHub; without ``post`` it is not known whether it is there."""

    student: str
    github_username: str
    repository: str  # OWNER/NAME
    repository_id: int  # GitHub's, which a new repository of the same name does not have
    post: int | None = None  # GitHub's id of the issue or comment
    body_sha256: str = ""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["autograder/published/v1"] = "autograder/published/v1"
    assignment: str
    kind: Kind
    published: tuple[Published, ...]


def published_path(output: Path, assignment: str) -> Path:
    """Where it is kept: among the reports, which nobody throws away, and never in git."""
    return output / "reports" / f".published-{assignment}.json"


class Journal:
    """What was published of one assignment, by student; each change is on the disk at once."""

    def __init__(self, path: Path, assignment: str, kind: Kind) -> None:
        self._path = path
        self._assignment = assignment
        self._kind = kind
        self._known = {one.student: one for one in _read(path, assignment, kind)}

    def __iter__(self) -> Iterator[Published]:
        return iter(tuple(self._known.values()))

    def of(self, student: str) -> Published | None:
        """What was published for a student, None where nothing was yet."""
        return self._known.get(student)

    def keep(self, one: Published) -> None:
        """Have it on the disk; who had that before has it no more. Raises OperatorError."""
        self._known = {
            student: other
            for student, other in self._known.items()
            if other.repository.casefold() != one.repository.casefold()
            and other.github_username.casefold() != one.github_username.casefold()
        } | {one.student: one}
        self._write()

    def forget(self, student: str) -> None:
        """As if nothing had been published for the student. Raises OperatorError."""
        if self._known.pop(student, None) is not None:
            self._write()

    def _write(self) -> None:
        kept = _Kept(
            assignment=self._assignment,
            kind=self._kind,
            published=tuple(one for _student, one in sorted(self._known.items())),
        )
        try:
            write_whole(
                self._path, msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"
            )
        except OSError as error:
            raise _not_kept(self._path, error) from error


@contextlib.contextmanager
def opened_journal(
    output: Path, assignment: str, kind: Kind, is_written: bool = True
) -> Iterator[Journal]:
    """The journal; while it ``is_written`` nobody else on this machine publishes the assignment.

    Raises OperatorError where somebody does, or it cannot be read, or what is published is not of
    that ``kind``.
    """
    path = published_path(output, assignment)
    if not is_written:
        yield Journal(path, assignment, kind)
        return
    import fcntl  # here: there is none on Windows, where the help is still to be had

    lock = path.with_suffix(".lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _not_kept(lock, error) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError(
                _("{path}: another run is publishing\n  fix: wait until it has ended").format(
                    path=lock
                )
            ) from error
        yield Journal(path, assignment, kind)
    finally:
        os.close(file)


def _read(path: Path, assignment: str, kind: Kind) -> tuple[Published, ...]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise OperatorError(
            _(
                "{path}: what was published cannot be read: {error}\n  fix: put your backup of it "
                "there; without it a changed mapping is not noticed"
            ).format(path=path, error=error)
        ) from error
    if kept.assignment != assignment:
        raise OperatorError(
            _("{path}: it is about {assignment}\n  fix: put the right file there").format(
                path=path, assignment=kept.assignment
            )
        )
    if kept.kind != kind and kept.published:
        raise OperatorError(
            _("{path}: published before as {kind}\n  fix: --as {kind}").format(
                path=path, kind=kept.kind
            )
        )
    return kept.published


def _not_kept(path: Path, error: OSError) -> OperatorError:
    return OperatorError(
        _(
            "{path}: cannot be written: {why}\n  fix: free the disk or make the folder writable, "
            "then run the same command again"
        ).format(path=path, why=error.strerror)
    )
