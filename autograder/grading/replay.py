"""An appeal: one check run again on the submission as graded, with the seeds it was graded with.

The whole submission is graded again, check by check in the same order and errors carried forward,
since code can remember what it was asked before; of the one check everything is kept. Nothing of
the student's runs but in the sandbox, and no score is changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from autograder.checks import (
    Comparison,
    Draw,
    Exchange,
    Mismatch,
    Student,
    StudentFailure,
    recording,
)
from autograder.errors import OperatorError
from autograder.grading.bench import hidden_files, make_bench
from autograder.grading.collect import Check
from autograder.grading.differences import (
    form_as_graded,
    other_circumstances,
    refuse_differences,
)
from autograder.grading.grade import grade_one
from autograder.grading.run import released_forms
from autograder.grading.secret import existing_secret
from autograder.grading.session import Runner, Verdict, run_session
from autograder.grading.stored import read_report, report_path
from autograder.messages import _
from autograder.report import CheckResult, MisconceptionText, Outcome, Report, student_view
from autograder.report.student_view import CheckView, MisconceptionView, check_view
from autograder.sandbox.host import Sandbox
from autograder.sandbox.session import SandboxedStudent
from autograder.spec import Course
from autograder.submission import Submission, read_submission

_ENGINE = Path(__file__).parents[1]


class Transcript(msgspec.Struct, frozen=True):
    """What was said in one run of the check. The instructor's: it holds hidden values."""

    carried: bool  # with a right function in the place of the student's
    outcome: Outcome
    exchanges: tuple[Exchange, ...]  # none where they were too large to keep
    whole: bool  # whether they are all there
    comparisons: tuple[Comparison, ...]
    differs: bool  # whether it was the last comparison that failed
    why: str  # where it failed, the error, and the student's own with its place
    printed: str  # by the student's code


class Replayed(msgspec.Struct, frozen=True):
    """One check as it was graded and as it came out now. The instructor's."""

    report: Report
    then: CheckResult
    now: CheckResult  # its mistake is not named again
    exercise: str
    transcripts: tuple[Transcript, ...]  # two where errors were carried forward
    misconception: MisconceptionText | None
    other: tuple[str, ...]  # what is not as it was and may differ, a sentence each
    replaced: str  # the function that was replaced where errors were carried forward
    replayed_at: str  # ISO 8601, UTC

    @property
    def confirmed(self) -> bool:
        """Whether the outcome is the one of then, reached in the same way."""
        return (self.then.outcome, self.then.carried_forward) == (
            self.now.outcome,
            self.now.carried_forward,
        )


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """What a student may see of a replay; of the check no more than of a report."""

    student: str
    assignment: str
    file: str
    sha256: str
    graded_at: str
    replayed_at: str
    then: CheckView
    now: CheckView
    misconception: MisconceptionView | None
    confirmed: bool


def replay_view(replayed: Replayed) -> ReplayView:
    """The only way from a replay to anything its student can see."""
    report, then = replayed.report, check_view(replayed.then)
    known = {one.name: one for one in student_view(report).misconceptions}
    return ReplayView(
        student=report.student,
        assignment=report.assignment,
        file=report.submission.file or "",
        sha256=report.submission.sha256 or "",
        graded_at=report.provenance.graded_at,
        replayed_at=replayed.replayed_at,
        then=then,
        now=check_view(replayed.now),
        misconception=known.get(then.misconception or ""),
        confirmed=replayed.confirmed,
    )


def replay_check(
    course: Course, assignment: str, student: str, check: str, folder: Path, output: Path
) -> Replayed:
    """Run ``check`` again on the submission of ``student`` below ``folder``.

    ``output`` holds the report that is appealed.

    Raises:
        OperatorError: There is no such report or check, or the checks, torch, the course secret or
            the submission are not those of the report.
        AuthorError: The assignment or its checks are wrong.
        SandboxError: Student code cannot be isolated here.
    """
    spec = course.assignment(assignment)
    report = _report(output, student, assignment)
    exercise, then = _the_check(report, check, output)
    # A check that was found wrong since then was not void when it was graded.
    spec = msgspec.structs.replace(spec, void=tuple(c.name for _e, c in _checks(report) if c.void))
    secret = existing_secret(course.root)
    submission = read_submission(
        folder, student, assignment, released_forms(course, assignment), spec.limits.file_bytes
    )
    refuse_differences(course, report, secret, submission, output)
    assert secret is not None  # its fingerprint is that of the report
    form = form_as_graded(report, submission)
    assert form is not None
    graded: list[Report] = []
    transcripts: list[Transcript] = []

    def grade_again(runner: Runner) -> None:
        with Sandbox(spec, hidden_files(course, assignment)) as sandbox:
            bench = make_bench(course, spec, runner, sandbox, secret)
            listening = _Listening(runner, check, transcripts)
            bench = msgspec.structs.replace(bench, runner=listening, recogniser=None)
            graded.append(grade_one(Submission(student, (form,)), bench))

    run_session(
        course.visible_checks(assignment), course.hidden_checks(assignment), spec, grade_again
    )
    _exercise, now = _the_check(graded[0], check, output)
    known = {one.name: one for one in report.misconceptions}
    return Replayed(
        report=report,
        then=then,
        now=now,
        exercise=exercise,
        transcripts=tuple(transcripts),
        misconception=known.get(then.misconception or ""),
        other=tuple(other_circumstances(report, graded[0])),
        replaced=spec.carried_forward.name if spec.carried_forward else "",
        replayed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def note_path(output: Path, report: Report, check: str) -> Path:
    """Where the note for the student stands, beside the report."""
    safe = "".join(c if c.isalnum() or c in "._-" else "-" for c in check)
    return report_path(output, report.student, report.assignment).with_name(f"replay-{safe}.md")


def write_note(output: Path, replayed: Replayed, text: str) -> Path:
    """Write the note for the student; where it is. Raises OperatorError."""
    path = note_path(output, replayed.report, replayed.then.name)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            _(
                "{path}: the note cannot be written: {why}\n  fix: make the folder writable, then "
                "run the same command again"
            ).format(path=path, why=error.strerror)
        ) from error
    return path


class _Listening(Runner):
    """A runner that keeps what is said in the runs of one check, the last one of each pass."""

    def __init__(self, runner: Runner, name: str, transcripts: list[Transcript]) -> None:
        super().__init__(runner.checks, runner._plugin)
        self._name = name
        self._transcripts = transcripts
        self._connection: object = None

    def run(self, check: Check, student: Student, draw: Draw) -> Verdict:
        """As the runner does."""
        if check.name != self._name:
            return super().run(check, student, draw)
        with recording() as compared:
            verdict = super().run(check, student, draw)
        if student._connection is self._connection:  # it was interrupted, or waited too long
            self._transcripts.pop()
        self._connection = student._connection
        carried = bool(self._transcripts)
        self._transcripts.append(_transcript(student, verdict, tuple(compared), carried))
        return verdict


def _transcript(
    student: Student, verdict: Verdict, compared: tuple[Comparison, ...], carried: bool
) -> Transcript:
    trace, connection = student._trace, student._connection
    return Transcript(
        carried=carried,
        outcome=verdict.outcome,
        exchanges=tuple(trace.exchanges) if trace is not None else (),
        whole=trace is not None and trace.whole,
        comparisons=compared,
        differs=isinstance(verdict.error, Mismatch),
        why=_why(verdict),
        printed=connection.printed if isinstance(connection, SandboxedStudent) else "",
    )


def _why(verdict: Verdict) -> str:
    error = verdict.error
    if error is None:
        return ""
    # The grids of a mismatch are cut; both sides are in the comparison, whole.
    said = str(error).partition("\n")[0] if isinstance(error, Mismatch) else str(error)
    parts = [_in_the_checks(verdict.trace), f"{type(error).__name__}: {said}"]
    if isinstance(error, StudentFailure):
        parts.append(error.detail)
    return "\n".join(part.rstrip() for part in parts if part)


def _in_the_checks(trace: str) -> str:
    """The frames of ``trace`` without those of the engine, which is not what is appealed."""
    frames = re.split(r'^(?=  File ")', trace, flags=re.MULTILINE)
    return "".join(frame for frame in frames if not frame.startswith(f'  File "{_ENGINE}{os.sep}'))


# --- what has to be as it was -------------------------------------------------------------------


def _report(output: Path, student: str, assignment: str) -> Report:
    report = read_report(output, student, assignment)
    path = report_path(output, student, assignment)
    if report is None:
        raise OperatorError(
            _(
                "{path}: there is no report\n  fix: autograder grade --student {student}, or name "
                "the --output it was graded into"
            ).format(path=path, student=student)
        )
    if report.submission.sha256 is None:
        why = "; ".join(remark.text.partition("\n")[0] for remark in report.remarks)
        raise OperatorError(
            _(
                "{path}: nothing was graded: {why}\n  fix: have a file handed in that can be read, "
                "and grade it"
            ).format(path=path, why=why)
        )
    return report


def _the_check(report: Report, name: str, output: Path) -> tuple[str, CheckResult]:
    """The exercise and the result of a check. Raises OperatorError where there is none."""
    for exercise, check in _checks(report):
        if check.name == name:
            return exercise, check
    listing = "".join(f"\n    {check.name}: {check.title}" for _e, check in _checks(report))
    raise OperatorError(
        _("{path}: there is no check {name!r}\n  fix: one of{listing}").format(
            path=report_path(output, report.student, report.assignment), name=name, listing=listing
        )
    )


def _checks(report: Report) -> Iterable[tuple[str, CheckResult]]:
    return ((e.name, check) for e in report.exercises for check in e.checks)
