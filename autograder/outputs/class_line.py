"""One student's line in the class: what its page, its charts and its CSV are made of."""

from __future__ import annotations

import enum

import msgspec

from autograder import escape
from autograder.grading.regrade import broken_checks
from autograder.messages import _
from autograder.report import MisconceptionText, Outcome, Report, Visibility
from autograder.spec import AssignmentSpec


class Concern(enum.Enum):
    """Why somebody has to look, the gravest first."""

    NO_SCORE = "no-score"  # a check broke on our side, or nothing could be read
    OLDER = "older"  # the score is that of an earlier file: the new one came to none
    WAITING = "waiting"  # grading again came to fewer points, which do not count
    FLAGGED = "flagged"  # a remark for the instructor
    TIME = "time"  # nothing says when it was handed in


class Trouble(msgspec.Struct, frozen=True):
    """One thing about a submission that somebody has to look at."""

    concern: Concern
    text: str
    detail: str = ""  # the instructor's: tracebacks, values


class Asked(msgspec.Struct, frozen=True):
    """What a check is, whoever answers it."""

    exercise: str
    name: str
    title: str
    visibility: Visibility
    max_score: int
    void: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What of a report the class is made of; ten thousand of these are held at once."""

    student: str
    score: int | None
    max_score: int
    exercises: tuple[tuple[int | None, int], ...]  # score and most, in the assignment's order
    asked: tuple[Asked, ...]
    outcomes: tuple[Outcome, ...]  # of each check
    scores: tuple[int | None, ...]  # of each check
    misconceptions: tuple[MisconceptionText, ...]
    troubles: tuple[Trouble, ...]
    remarks: tuple[str, ...]  # what the student is told of the submission
    late_seconds: int
    late_penalty: float
    submitted_at: str | None
    file: str | None
    seconds: float  # wall time that grading it took

    @property
    def has_begun(self) -> bool:
        """Whether it passes at least one check: one that is as it was handed out passes none."""
        return Outcome.PASSED in self.outcomes


def line_of(report: Report, spec: AssignmentSpec) -> Line:
    """The line of one report."""
    checks = [(one.name, check) for one in report.exercises for check in one.checks]
    exercises = {one.name: (one.score, one.max_score) for one in report.exercises}
    return Line(
        student=report.student,
        score=report.score,
        max_score=report.max_score,
        exercises=tuple(exercises.get(one.name, (None, one.points)) for one in spec.exercises),
        asked=tuple(
            Asked(exercise, check.name, check.title, check.visibility, check.max_score, check.void)
            for exercise, check in checks
        ),
        outcomes=tuple(check.outcome for _exercise, check in checks),
        scores=tuple(check.score for _exercise, check in checks),
        misconceptions=report.misconceptions,
        troubles=(*_without_score(report), *_flagged(report)),
        remarks=tuple(one.text for one in report.remarks if one.audience == "student"),
        late_seconds=report.submission.late_seconds,
        late_penalty=report.late_penalty,
        submitted_at=report.submission.submitted_at,
        file=report.submission.file,
        seconds=report.duration_seconds,
    )


def with_troubles(line: Line, *troubles: Trouble) -> Line:
    """``line`` with more of them, the gravest first."""
    if not troubles:
        return line
    order = list(Concern)
    whole = sorted((*line.troubles, *troubles), key=lambda one: order.index(one.concern))
    return msgspec.structs.replace(line, troubles=tuple(whole))


def _without_score(report: Report) -> list[Trouble]:
    if report.score is not None:
        return []
    broken = set(broken_checks(report))
    found = [
        Trouble(
            Concern.NO_SCORE,
            _("the check {name} broke on our side").format(name=escape.one_line(check.name)),
            check.detail or check.message,
        )
        for exercise in report.exercises
        for check in exercise.checks
        if check.name in broken
    ]
    if found:
        return found
    first = report.remarks[0].text if report.remarks else _("nothing could be graded")
    # Without the name, so that all of whom the same is said stand together.
    first = first.removeprefix(f"{report.student}/")
    text, _line_end, rest = first.partition("\n")
    return [Trouble(Concern.NO_SCORE, text, rest.strip())]


def _flagged(report: Report) -> list[Trouble]:
    """Remarks for the instructor; where there is no score they say why, which is told already."""
    if report.score is None:
        return []
    return [
        Trouble(Concern.FLAGGED, remark.text)
        for remark in report.remarks
        if remark.audience == "instructor"
    ]
