"""Final grades: what the gradebook holds of a class, which every export and published number is."""

from __future__ import annotations

from typing import Literal

import msgspec


class FinalExercise(msgspec.Struct, frozen=True, kw_only=True):
    """One grade cell: what was given by hand, else the automatic score, and extra credit."""

    name: str
    title: str
    score: float | None  # points; None where neither a person nor the grader has given any
    max_score: float


class FinalGrade(msgspec.Struct, frozen=True, kw_only=True):
    """What one student of the roster comes to.

    ``status`` is `graded`; `not scored` where something could not be graded and nobody has graded
    it by hand, which is no zero; or `missing` where nothing was handed in.
    """

    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    status: Literal["graded", "not scored", "missing"]
    raw_score: float | None  # the sum of the exercises
    late_penalty: float | None
    score: float | None  # ``raw_score`` less ``late_penalty``, at least 0
    max_score: float
    submitted_at: str | None = None  # ISO 8601, UTC
    exercises: tuple[FinalExercise, ...] = ()
