"""How collecting ended: for each item and each row of the roster in exactly one way."""

from __future__ import annotations

import enum
from pathlib import Path

import msgspec

from autograder.classroom.collected import Collected
from autograder.classroom.collecting.choose import may_be_work
from autograder.classroom.collecting.handed import Found, Note
from autograder.classroom.collecting.roster import Roster


class Ending(enum.Enum):
    """How it ended; the order is that in which a person of several items is counted."""

    COLLECTED = "collected"
    CONFLICT = "conflict"  # what lies there is not ours to replace
    REFUSED = "refused"  # it cannot be read, or not be told
    DUPLICATE = "duplicate"  # another one of the same person was taken, or a person has to choose
    NOTHING = "nothing handed in"
    UNMATCHED = "unmatched"  # nobody's


class Line(msgspec.Struct, frozen=True):
    """How one item, stray file or row of the roster ended."""

    ending: Ending
    origin: str
    student: str | None = None
    why: str = ""
    notes: tuple[Note, ...] = ()
    person: bool = False  # somebody has to act


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What collecting came to. ``items`` and ``rows`` hold a line for each there is."""

    assignment: str
    into: Path
    items: tuple[Line, ...]
    rows: tuple[Line, ...]
    roster: Roster | None
    found: tuple[Found, ...]
    collected: tuple[Collected, ...]
    written: int  # folders that are new or other than before
    gone: tuple[Collected, ...]  # collected before, and not there now
    on_time: int
    untouched: tuple[str, ...] = ()  # whose work is as it was handed out

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to act before all of the class is collected."""
        return (
            any(line.person or any(note.person for note in line.notes) for line in self.items)
            or any(line.person for line in self.rows)
            or any(may_be_work(one.path) for found in self.found for one in found.refused)
            or bool(self.gone)
        )
