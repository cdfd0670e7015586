"""What was handed in somewhere, before it is anybody's here: files, and who and when by their word.

Three kinds of tree give files: a folder, an archive and a commit (`folder`, `archive`,
`repository`). None of them follows a link or writes anything, and each tells what it refused.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal, Protocol

import msgspec

from autograder.classroom.collected import Source
from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

# What the system of who packed, or the platform, leaves among the students' files.
_LITTER = re.compile(r"(?i)__MACOSX|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|\.ipynb_checkpoints")
_MAX_NAME_BYTES = 200

KeyKind = Literal["username", "email", "sid", "login", "identifier", "canvas", "moodle", "name"]


class Note(msgspec.Struct, frozen=True):
    """A sentence for the instructor; ``person`` where somebody has to act."""

    text: str
    person: bool = False


class Refused(msgspec.Struct, frozen=True):
    """A member, file or entry that was not read, and why."""

    path: str
    why: str


class Tree(Protocol):
    """Files below one place. Paths have ``/`` between parts, and none leads out of the place."""

    @property
    def paths(self) -> Sequence[str]:
        """Those that can be read, sorted."""

    @property
    def refused(self) -> Sequence[Refused]:
        """Those that cannot."""

    def read(self, path: str, max_bytes: int) -> bytes:
        """One file's bytes. Raises SubmissionError where it is larger, broken or gone."""


class Part:
    """Some files of another tree, under other paths."""

    def __init__(self, tree: Tree, paths: Mapping[str, str], refused: Sequence[Refused]) -> None:
        self._tree = tree
        self._paths = paths
        self.paths: Sequence[str] = tuple(sorted(paths))
        self.refused = refused

    def read(self, path: str, max_bytes: int) -> bytes:
        """As of the whole tree."""
        return self._tree.read(self._paths[path], max_bytes)


class Identity(msgspec.Struct, frozen=True):
    """Whose something is, as the source says.

    ``keys`` are compared with the roster, the first one first; ``anything`` with every column.
    ``ids`` are names for the student's folder where there is no roster, the first that can be one.
    """

    shown: str
    keys: tuple[tuple[KeyKind, str], ...] = ()
    anything: str = ""
    ids: tuple[str, ...] = ()


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one moment, by the name they get in the student's folder."""

    files: dict[str, bytes]
    changed: bool = True  # since they were handed out
    notes: tuple[Note, ...] = ()
    commit: str | None = None
    tag: str | None = None
    submitted_at: datetime.datetime | None = None  # with its zone
    time_source: str = ""
    time_verified: bool = False


class HandedWork(msgspec.Struct, frozen=True, kw_only=True):
    """What one item holds: the last version, and that from before the deadline if it is another."""

    last: Version
    on_time: Version | None = None
    repository: str | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing handed in: a repository, a submission in a download, a student's folder.

    ``open`` gives what it holds, None where nothing was handed in, and raises SubmissionError.
    """

    source: Source
    origin: str
    who: Identity
    open: Callable[[], HandedWork | None]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All there is at one SOURCE: ``items``, what is nobody's by its name, what was refused."""

    source: Source
    items: tuple[Item, ...]
    strays: tuple[str, ...] = ()  # paths
    refused: tuple[Refused, ...] = ()  # that belong to no item
    members: int = 0  # files in a download; 0 for repositories
    left_out: int = 0  # files of the platform or the system, not of students


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: the files of one assignment."""

    assignment: str
    languages: tuple[str, ...]
    max_bytes: int
    is_changed: Callable[[Mapping[str, bytes]], bool]  # since they were handed out
    due: datetime.datetime | None = None


def is_litter(path: str) -> bool:
    """Whether a system, and no student, put it there."""
    return any(_LITTER.fullmatch(part) for part in PurePosixPath(path).parts)


def alike(name: str) -> str:
    """The same for names that some disk takes for one: capitals, Unicode forms, wide letters."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def why_no_name(name: str) -> str:
    """Why ``name`` is not one for a file; "" where it is."""
    if not name or name in (".", ".."):
        return _("leads to another folder")
    if printable(name) != name or any(sign in name for sign in '/\\:*?"<>|'):
        return _("has signs in its name that not every system has")
    if len(name.encode()) > _MAX_NAME_BYTES:
        return _("has too long a name")
    return ""


def too_large(path: str, max_bytes: int) -> SubmissionError:
    """The error for a file that is larger than what is read."""
    return SubmissionError(
        _(
            "{path}: is larger than {limit:.0f} MiB\n  fix: clear all outputs and pictures and "
            "hand it in again"
        ).format(path=printable(path), limit=max_bytes / 2**20)
    )
