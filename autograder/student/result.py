"""A run of the visible checks as JSON, for other programs: nothing in it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.report import Outcome
from autograder.student.failure import failure_text
from autograder.student.practice import Tried, points
from autograder.student.released import HiddenChecks, Released
from autograder.student.run import Run


class CheckPractised(msgspec.Struct, frozen=True, kw_only=True):
    """One visible check; ``passed`` is null where the check itself broke."""

    title: str
    passed: bool | None
    points: int
    max_points: int
    message: str
    hint: str


class ExercisePractised(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise, as far as visible checks go."""

    name: str
    points: int
    max_points: int
    checks: tuple[CheckPractised, ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run; ``max_points`` is what visible checks can show of ``all_points``."""

    assignment: str
    title: str
    points: int
    max_points: int
    all_points: int
    exercises: tuple[ExercisePractised, ...]
    problems: tuple[str, ...]  # of what did not run when the file was loaded
    hidden_checks: HiddenChecks
    isolated_by: str | None  # None: by nothing


def result_of(released: Released, run: Run) -> Result:
    """``run`` as it is written."""
    return Result(
        assignment=released.name,
        title=released.title,
        points=points(run.tried),
        max_points=released.visible_points,
        all_points=released.spec.points,
        exercises=tuple(
            _exercise(one.name, [t for t in run.tried if t.check.info.exercise == one.name])
            for one in released.exercises
        ),
        problems=run.problems,
        hidden_checks=released.hidden_checks,
        isolated_by=run.isolated_by,
    )


def write_result(path: Path, result: Result) -> None:
    """Write it to ``path``. Raises OperatorError."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    except OSError as error:
        raise OperatorError(
            _("{path}: cannot be written: {why}\n  fix: name another file").format(
                path=path, why=error.strerror
            )
        ) from error


def _exercise(name: str, tried: Sequence[Tried]) -> ExercisePractised:
    return ExercisePractised(
        name=name,
        points=points(tried),
        max_points=sum(one.check.info.points for one in tried),
        checks=tuple(map(_check, tried)),
    )


def _check(tried: Tried) -> CheckPractised:
    info = tried.check.info
    return CheckPractised(
        title=info.title,
        passed=None if tried.verdict.outcome is Outcome.ERRORED else tried.passed,
        points=info.points if tried.passed else 0,
        max_points=info.points,
        message="" if tried.passed else failure_text(tried),
        hint=tried.hint,
    )
