"""What an earlier grading holds the next one to: exercises that may not change any more, and scores
that may not fall."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.errors import AuthorError
from autograder.grading.stored import report_path, reported_students
from autograder.messages import _
from autograder.report import Outcome, Report
from autograder.spec import AssignmentSpec


class Change(msgspec.Struct, frozen=True):
    """A score that grading again did not come to again."""

    student: str
    before: float | None  # points; None where there was no score
    now: float | None  # what grading came to; None where it came to no score
    kept: bool = False  # whether the score from before stays
    in_gradebook: bool = False  # it stays there alone: the report from before is not on the disk
    broken: tuple[str, ...] = ()  # the checks that broke on our side, where that is why it stays
    why: str = ""  # else why grading came to no score: the student's file, mostly


Changes = Callable[[Sequence[Change]], None]  # told of every change before it is written


class Settled(msgspec.Struct, frozen=True):
    """What stands after a submission was graded, again or for the first time."""

    report: Report  # the new one, or the one from before
    change: Change | None  # None where the score is the same, or the first one


def settle(
    before: Report | None, now: Report, handed_in: Collection[str], allow_lower: bool
) -> Settled:
    """Which of two reports on a student stands, whole, and how the score changes by it.

    A report from before stays when it is a regrade and `keeps_before` says so.

    Args:
        before: The report on the disk, or None.
        now: What grading came to.
        handed_in: SHA-256 of each file that is graded now.
        allow_lower: Whether a lower score counts, too.
    """
    if before is None or before.score == now.score:
        return Settled(now, None)
    kept = is_regrade(before, handed_in) and keeps_before(before.score, now.score, allow_lower)
    broken = broken_checks(now) if kept else ()
    why = ""
    if now.score is None and not broken and now.remarks:
        why = now.remarks[0].text.partition("\n")[0]
    change = Change(now.student, before.score, now.score, kept, broken=broken, why=why)
    return Settled(before if kept else now, change)


def is_regrade(before: Report, handed_in: Collection[str]) -> bool:
    """Whether the file that ``before`` is about is among those graded now, byte for byte.

    It counts as one, too, where nothing can be read now: a folder that was emptied by mistake, or a
    collection that broke off, must not take a score away.
    """
    return not handed_in or before.submission.sha256 in handed_in


def keeps_before(before: float | None, now: float | None, allow_lower: bool) -> bool:
    """Whether the score from before stays where the same file is graded again.

    It stays where it is higher, unless a lower one is allowed; and a number is never replaced by
    no score.
    """
    if before is None:
        return False
    return now is None or (now < before and not allow_lower)


def broken_checks(report: Report) -> tuple[str, ...]:
    """The names of the checks without a score: they broke on our side."""
    return tuple(
        check.name
        for exercise in report.exercises
        for check in exercise.checks
        if check.outcome is Outcome.ERRORED and not check.void
    )


# --- what may not change any more ---------------------------------------------------------------


class _Exercise(msgspec.Struct):
    name: str
    max_score: int


class _Graded(msgspec.Struct):
    """Of a report no more than is asked here: a class has ten thousand."""

    exercises: tuple[_Exercise, ...]


def refuse_other_exercises(spec: AssignmentSpec, output: Path) -> None:
    """Refuse an assignment whose exercises or points are not those of the reports in ``output``.

    A report that cannot be read holds nobody to anything.

    Raises:
        AuthorError: They differ: what, and which report says so.
        OperatorError: The folder with the reports cannot be read.
    """
    for student in reported_students(output, spec.name):
        path = report_path(output, student, spec.name)
        try:
            graded = msgspec.json.decode(path.read_bytes(), type=_Graded)
        except (OSError, RecursionError, msgspec.DecodeError):
            continue
        points = {exercise.name: exercise.max_score for exercise in graded.exercises}
        refuse_frozen(spec, points, path)


def refuse_frozen(spec: AssignmentSpec, points: Mapping[str, float], where: object) -> None:
    """Refuse ``spec`` unless its exercises are those of ``points``, graded already in ``where``.

    Raises AuthorError.
    """
    differences = list(_differences(spec, points))
    if differences:
        raise AuthorError(
            _(
                "solutions/{assignment}/assignment.toml: exercises and their points are fixed once "
                "a submission is graded, and {where} holds grades for others\n{differences}\n"
                "  fix: put them back as they were; if a check was wrong, name it in `void` "
                "(docs/authoring.md). Where nobody has seen these grades yet: keep a copy of the "
                "reports and the gradebook, move both away and grade again (what was given by "
                "hand is only in the copy)"
            ).format(
                assignment=spec.name,
                where=where,
                differences="\n".join(f"    {line}" for line in differences),
            )
        )


def _differences(spec: AssignmentSpec, points: Mapping[str, float]) -> Iterator[str]:
    now = {exercise.name: exercise.points for exercise in spec.exercises}
    for name in sorted({*now, *points}):
        if name not in points:
            yield _("{exercise}: is new").format(exercise=name)
        elif name not in now:
            yield _("{exercise}: is missing").format(exercise=name)
        elif now[name] != points[name]:
            yield _("{exercise}: has {now} points, was graded with {before}").format(
                exercise=name, now=now[name], before=f"{points[name]:g}"
            )
