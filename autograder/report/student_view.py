"""What a student may see of a report: a type without the instructor's fields, made in one place."""

from __future__ import annotations

import msgspec

from autograder.errors import FailureKind
from autograder.messages import _
from autograder.report.model import CheckResult, Descent, Drawing, Outcome, Report, Visibility

_NOT_ASKED = frozenset(
    kind.value for kind in (FailureKind.MISSING, FailureKind.NOT_BEGUN, FailureKind.NOT_RUN)
)


# What a hint is written for is a wrong answer, and not a loop that never ends.
_NO_HINT = _NOT_ASKED | {FailureKind.TIMEOUT.value, FailureKind.DIED.value}


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """A check as its student sees it. For a hidden one ``message`` is a fixed sentence."""

    title: str
    hidden: bool
    outcome: Outcome
    score: int | None
    max_score: int
    message: str
    hint: str
    misconception: str | None
    carried_forward: bool
    void: bool = False  # the check was found wrong: full points, whatever the outcome
    failure: str = ""  # why no usable answer came, a value of errors.FailureKind
    drawing: Drawing | None = None

    @property
    def is_begun(self) -> bool:
        """Whether what it asks for is more than the stub that was handed out."""
        return self.failure != FailureKind.NOT_BEGUN.value

    @property
    def was_asked(self) -> bool:
        """Whether there was something to ask: a function that is there, and time left."""
        return self.failure not in _NOT_ASKED


class ExerciseView(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise as its student sees it."""

    name: str
    score: int | None
    max_score: int
    checks: tuple[CheckView, ...]


class MisconceptionView(msgspec.Struct, frozen=True, kw_only=True):
    """A named mistake as its student reads of it."""

    name: str
    sentence: str
    read_on: str
    drawing: Drawing | None = None  # made with a model of it, on an example students are given
    descent: Descent | None = None


class StudentView(msgspec.Struct, frozen=True, kw_only=True):
    """A report without detail, provenance, or remarks for the instructor."""

    assignment: str
    student: str
    score: int | None
    max_score: int
    late_penalty: float
    exercises: tuple[ExerciseView, ...]
    misconceptions: tuple[MisconceptionView, ...]
    remarks: tuple[str, ...]


def student_view(report: Report, after_due: bool = False) -> StudentView:
    """The only way from a report to anything students can see.

    ``after_due``: with what the assignment lets be shown of hidden checks after the due date.
    """
    return StudentView(
        assignment=report.assignment,
        student=report.student,
        score=report.score,
        max_score=report.max_score,
        late_penalty=report.late_penalty,
        exercises=tuple(
            ExerciseView(
                name=exercise.name,
                score=exercise.score,
                max_score=exercise.max_score,
                checks=tuple(check_view(check, after_due) for check in exercise.checks),
            )
            for exercise in report.exercises
        ),
        misconceptions=tuple(
            MisconceptionView(
                name=one.name,
                sentence=one.to_student,
                read_on=one.read_on,
                drawing=one.drawing,
                descent=one.descent,
            )
            for one in report.misconceptions
        ),
        remarks=(
            *(r.text for r in report.remarks if r.audience == "student"),
            *_on_the_versions(report),
        ),
    )


def without_pictures(view: StudentView) -> StudentView:
    """``view`` in words alone."""
    exercises = tuple(
        msgspec.structs.replace(
            exercise,
            checks=tuple(msgspec.structs.replace(one, drawing=None) for one in exercise.checks),
        )
        for exercise in view.exercises
    )
    misconceptions = tuple(
        msgspec.structs.replace(one, drawing=None, descent=None) for one in view.misconceptions
    )
    return msgspec.structs.replace(view, exercises=exercises, misconceptions=misconceptions)


def _on_the_versions(report: Report) -> tuple[str, ...]:
    """Which of two versions counts, where one was handed in on time and one late."""
    if report.other_version is None:
        return ()
    if report.submission.on_time_version:
        return (
            _(
                "You handed in on time, and once more after the deadline. What you handed in on "
                "time counts: with what being late costs, the later one is worth no more."
            ),
        )
    if report.submission.late_seconds == 0:
        return ()
    return (
        _(
            "You handed in on time, and once more after the deadline. The later one counts: it is "
            "worth more, also with what being late costs."
        ),
    )


def check_view(check: CheckResult, after_due: bool = False) -> CheckView:
    """One check without what only the instructor may read; a hint only where it helps.

    Where the mistake is known by its name a hint, which was written for another one, does not; nor
    does one where nothing could be asked.
    """
    is_open = after_due or check.visibility is Visibility.VISIBLE
    failed = check.outcome is Outcome.FAILED and not check.void
    asks_for_one = failed and check.misconception is None and check.failure not in _NO_HINT
    return CheckView(
        title=check.title,
        hidden=check.visibility.value == "hidden",
        outcome=check.outcome,
        score=check.score,
        max_score=check.max_score,
        message=check.after_due if after_due and check.after_due else check.message,
        hint=check.hint if asks_for_one else "",
        misconception=check.misconception,
        carried_forward=check.carried_forward,
        void=check.void,
        failure=check.failure,
        drawing=check.drawing if is_open else None,
    )
