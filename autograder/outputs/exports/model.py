"""What every export is made of: one student's final grade and what may be told of it, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.report import Outcome


class ExportedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check as its student may see it, wherever that is."""

    title: str
    hidden: bool
    outcome: Outcome
    score: int | None  # points; None where it broke on our side
    max_score: int
    message: str = ""
    mistake: str = ""  # the named one, told at the first check that it fails
    hint: str = ""

    @property
    def is_full(self) -> bool:
        """Whether it has its points: passed, or found wrong and given to everybody."""
        return self.score is not None and self.score == self.max_score


class ExportedExercise(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise with its final score, and with its checks where these make that score."""

    name: str
    title: str
    score: float | None
    max_score: float
    checks: tuple[ExportedCheck, ...] = ()
    differs: bool = False  # the score is another one than that of the report's checks

    @property
    def is_full(self) -> bool:
        """Whether it has all its points, or more."""
        return self.score is not None and self.score >= self.max_score

    @property
    def note(self) -> str:
        """Why there are no checks, where that has to be said."""
        if self.score is None:
            return _("not graded yet: your instructor has to look at it")
        return _("graded by hand, or kept from an earlier file") if self.differs else ""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """One student's final grade. Points have two decimals at the most, the same in every export."""

    assignment: str
    title: str
    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    status: Literal["graded", "not scored", "missing"]
    score: float | None  # what counts; None unless graded
    max_score: float
    raw_score: float | None = None
    late_penalty: float | None = None
    submitted_at: str | None = None  # ISO 8601, UTC
    exercises: tuple[ExportedExercise, ...] = ()
    remarks: tuple[str, ...] = ()
    # From where it was collected, as far as that is known.
    repository: str | None = None  # OWNER/NAME
    commit: str | None = None
    tag: str | None = None
    username: str | None = None  # on GitHub


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What an export comes to: files by their path in its folder, and what has to be told."""

    files: Mapping[str, bytes]
    needed: tuple[str, ...] = ()  # what a person has to see to: the export is not complete
    notes: tuple[str, ...] = ()


def in_points(score: float) -> float:
    """``score`` with two decimals at the most, half up: platforms show no more."""
    return math.floor(round(score * 100, 4) + 0.5) / 100


def points_text(score: float | None) -> str:
    """``score`` as a person writes it: 100, 85.5; nothing where there is none."""
    if score is None:
        return ""
    return str(int(score)) if score == int(score) else f"{score:.2f}".rstrip("0")


def without_score(exported: Exported) -> str:
    """Why a student has no score, as a line for the instructor."""
    who = escape.one_line(exported.student)
    if exported.status == "missing":
        return _("{student}: handed nothing in, and gets no score, which is no zero").format(
            student=who
        )
    return _(
        "{student}: not scored, and gets no score, which is no zero\n"
        "  fix: see class/index.html for why; grade by hand in formgrader, or run: "
        "autograder grade --student {student}"
    ).format(student=who)


def sorted_out(
    exported: tuple[Exported, ...],
) -> tuple[list[Exported], tuple[str, ...], tuple[str, ...]]:
    """Who has a score; and of the others what a person has to see to, and what is only noted."""
    graded = [one for one in exported if one.score is not None]
    others = [one for one in exported if one.score is None]
    return (
        graded,
        tuple(without_score(one) for one in others if one.status == "not scored"),
        tuple(without_score(one) for one in others if one.status == "missing"),
    )


def is_safe_name(name: str) -> bool:
    """Whether a student's name can be that of a folder, and of one in this place alone."""
    return (
        bool(name)
        and not name.startswith(".")
        and not any(c in "/\\:" or ord(c) < 32 or ord(c) == 127 for c in name)
        and len(name.encode(errors="replace")) <= 255
    )
