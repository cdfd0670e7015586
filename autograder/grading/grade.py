"""Grade one submission: every check on the student's own code, then errors carried forward."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from autograder.checks import Answer, Draw, Student, Trace
from autograder.checks.asserts import Mismatch
from autograder.checks.drawing import seed_for
from autograder.errors import FailureKind, StudentFailure
from autograder.grading.collect import Check
from autograder.grading.drawings import drawing_of
from autograder.grading.naming import Named, with_names
from autograder.grading.remarks import remarks_on
from autograder.grading.session import Runner, Verdict
from autograder.grading.void import void_remarks, voided
from autograder.messages import _
from autograder.misconceptions import Recogniser
from autograder.report import (
    CheckResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Remark,
    Report,
    SubmittedFile,
    Visibility,
)
from autograder.sandbox.host import Sandbox
from autograder.sandbox.session import SandboxedStudent, SandboxInterruptedError, WallTimeout
from autograder.spec import AssignmentSpec, CarriedForward
from autograder.submission import Form, Submission

# Where an object lies in the grader's memory is nobody's business, and differs from run to run.
_LONGEST_MESSAGE, _LONGEST_DETAIL = 2_000, 20_000  # characters
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class Bench(msgspec.Struct, frozen=True):
    """What every submission of one run is graded with."""

    spec: AssignmentSpec
    runner: Runner
    sandbox: Sandbox
    secret: bytes
    provenance: Provenance  # its seed and graded_at are filled in per report
    recogniser: Recogniser | None = None  # without one no mistake is named


class _Graded(msgspec.Struct, frozen=True):
    form: Form
    exercises: tuple[ExerciseResult, ...]
    remarks: tuple[Remark, ...]
    traces: Mapping[str, Trace]  # by check

    @property
    def points(self) -> int:
        """Points so far; what errored counts for nothing here."""
        return sum(c.score or 0 for exercise in self.exercises for c in exercise.checks)


def grade_one(submission: Submission, bench: Bench) -> Report:
    """The report on one submission; with several forms, on the better one."""
    start = time.monotonic()
    # In one go: no check of one version may run after a hidden one of the other.
    graded = _grade_forms((*submission.forms, *submission.on_time), submission.student, bench)
    latest, on_time = graded[: len(submission.forms)], graded[len(submission.forms) :]
    report = _report(latest, submission, bench)
    if on_time:
        earlier = _report(on_time, Submission(submission.student, submission.on_time), bench)
        file = msgspec.structs.replace(earlier.submission, on_time_version=True)
        report = msgspec.structs.replace(
            report, other_version=msgspec.structs.replace(earlier, submission=file)
        )
    seconds = round(time.monotonic() - start, 4)
    return msgspec.structs.replace(report, duration_seconds=seconds)


def _report(graded: Sequence[_Graded], submission: Submission, bench: Bench) -> Report:
    """The report on the best of the forms of one version."""
    best = max(graded, key=lambda one: one.points, default=None)
    exercises = best.exercises if best is not None else _exercises(bench.spec, {})
    named = Named(exercises)
    if best is not None and bench.recogniser is not None:
        named = with_names(exercises, best.traces, bench.recogniser)
    scores = [exercise.score for exercise in exercises]
    remarks = [Remark(text=text) for text in (*submission.unreadable, *submission.notes)]
    return Report(
        assignment=bench.spec.name,
        student=submission.student,
        score=None if None in scores else sum(score or 0 for score in scores),
        max_score=bench.spec.points,
        submission=SubmittedFile(
            file=best.form.file if best else None, sha256=best.form.sha256 if best else None
        ),
        exercises=named.exercises,
        misconceptions=named.misconceptions,
        remarks=(*remarks, *(best.remarks if best else ()), *named.remarks),
        duration_seconds=0.0,
        provenance=msgspec.structs.replace(
            bench.provenance,
            seed=recorded_seed(bench.secret, submission.student, bench.spec.name),
            graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    )


def recorded_seed(secret: bytes, student: str, assignment: str) -> str:
    """What a report holds of the seeds: the one that the submission was loaded with."""
    return f"{seed_for(secret, 'load', student, assignment):016x}"


def _exercises(
    spec: AssignmentSpec, results: Mapping[str, Sequence[CheckResult]]
) -> tuple[ExerciseResult, ...]:
    """Null without checks (nothing could be read) and where a check errored: never a zero."""
    exercises = []
    for exercise in spec.exercises:
        checks = tuple(results.get(exercise.name, ()))
        scores = [check.score for check in checks]
        score = None if not scores or None in scores else sum(score or 0 for score in scores)
        exercises.append(
            ExerciseResult(
                name=exercise.name, score=score, max_score=exercise.points, checks=checks
            )
        )
    return tuple(exercises)


def _grade_forms(forms: Sequence[Form], student_id: str, bench: Bench) -> list[_Graded]:
    """Each form on its own, the visible checks of all before any hidden one.

    A process that has seen a hidden input can leave word for the next (which files the kernel has
    in memory, for one), and what that one says to a visible check is shown.
    """
    visible, hidden = (
        [check for check in bench.runner.checks if check.visibility is visibility]
        for visibility in (Visibility.VISIBLE, Visibility.HIDDEN)
    )
    with contextlib.ExitStack() as stack:
        passes = [stack.enter_context(_Pass(form, student_id, bench)) for form in forms]
        for own in passes:
            own.run(visible)
        for own in passes:
            own.run(hidden)
            own.session.close()
    return [_carried_forward(own, student_id, bench) for own in passes]


def _carried_forward(own: _Pass, student_id: str, bench: Bench) -> _Graded:
    """What a form earned, after errors carried forward."""
    checks, results, traces = bench.runner.checks, own.results, own.traces
    results |= {name: voided(one) for name, one in results.items() if name in bench.spec.void}
    again = _to_run_again(checks, results, bench.spec.carried_forward)
    if again:
        with _Pass(own.form, student_id, bench, own) as second:
            second.run(again)
        traces = {**traces, **second.traces}  # a name is one of ours, whatever the code has seen
        for name, result in second.results.items():
            carried = result.outcome is not Outcome.FAILED
            # By now the code has seen hidden inputs, and may have left itself word of them (which
            # files are in memory, for one): nothing that it says of a visible check is shown.
            if carried or result.visibility is Visibility.HIDDEN:
                results[name] = msgspec.structs.replace(result, carried_forward=carried)
    by_exercise: dict[str, list[CheckResult]] = {}
    for check in checks:
        by_exercise.setdefault(check.info.exercise, []).append(results[check.name])
    exercises = _exercises(bench.spec, by_exercise)
    remarks = remarks_on(
        own.form, own.problems, own.answers, own.printed_bytes, exercises, bench.spec
    )
    return _Graded(own.form, exercises, (*remarks, *void_remarks(exercises)), traces)


def _to_run_again(
    checks: Sequence[Check], results: dict[str, CheckResult], rule: CarriedForward | None
) -> list[Check]:
    """Failed checks of the dependent exercises, where an exercise they depend on lost points."""
    failed = [c for c in checks if results[c.name].score == 0]  # not the void ones
    if rule is None or not any(check.info.exercise in rule.lost for check in failed):
        return []
    return [check for check in failed if check.info.exercise in rule.rerun]


class _Pass:
    """One form in one sandboxed session; what it came to, and what of it may be shown.

    ``first`` is the pass before, where errors are carried forward in this one.
    """

    def __init__(
        self, form: Form, student_id: str, bench: Bench, first: _Pass | None = None
    ) -> None:
        self.form = form
        self._student_id = student_id
        self._bench = bench
        self.results: dict[str, CheckResult] = {}
        self.traces: dict[str, Trace] = {}
        self.answers: list[Answer] = []
        self.session: SandboxedStudent = SandboxedStudent(
            bench.sandbox,
            form.cells,
            form.module,
            bench.spec.limits,
            self._seed("load"),
            bench.spec.carried_forward if first else None,
            first.session if first else None,
        )

    def __enter__(self) -> _Pass:
        self.session.load()
        self._note_what_may_be_shown()
        return self

    def __exit__(self, *error: object) -> None:
        self.session.close()

    def run(self, checks: Sequence[Check]) -> None:
        """Run ``checks`` in order."""
        for check in checks:
            self.results[check.name] = self._result(check)

    def _result(self, check: Check) -> CheckResult:
        verdict = self._run(check)
        while isinstance(verdict.error, SandboxInterruptedError):  # as often as the session allows
            verdict = self._run(check)
        if isinstance(verdict.error, WallTimeout):
            verdict = self._run(check)  # once more before it counts: the machine was busy
            if isinstance(verdict.error, WallTimeout):
                self.session.count_timeout()
        result = check_result(check, verdict, self.session.printed)
        return self._with_more_to_show(check, verdict, result)

    def _with_more_to_show(
        self, check: Check, verdict: Verdict, result: CheckResult
    ) -> CheckResult:
        """With a picture; of a hidden check only what may be shown after the due date."""
        shown = self._bench.spec.after_due
        is_visible = check.visibility is Visibility.VISIBLE
        if isinstance(verdict.error, Mismatch) and (is_visible or "pictures" in shown):
            drawing = drawing_of(verdict.error, self.traces[check.name])
            result = msgspec.structs.replace(result, drawing=drawing)
        if result.outcome is Outcome.FAILED and not is_visible and "messages" in shown:
            message = _within(_ADDRESS.sub("", str(verdict.error)), _LONGEST_MESSAGE)
            result = msgspec.structs.replace(result, after_due=message)
        return result

    def _run(self, check: Check) -> Verdict:
        seed = self._seed("child", check.name)
        # A void check's time-outs are its own, and cost no other check of the exercise its turn.
        is_void = check.name in self._bench.spec.void
        self.session.begin_check(check.name if is_void else check.info.exercise, seed)
        trace = self.traces[check.name] = Trace(seed)
        student = Student(self.session, trace)
        verdict = self._bench.runner.run(check, student, Draw(self._seed("inputs", check.name)))
        if check.visibility is Visibility.VISIBLE:  # the student sees nothing of the others
            self.answers.extend(student._answers)
            self._note_what_may_be_shown()
        return verdict

    def _note_what_may_be_shown(self) -> None:
        """Not after a hidden check: what loads next could tell when, and so on what, it died."""
        self.printed_bytes = self.session.printed_bytes
        problems = self.session.problems
        self.problems = [problems[key] for key in sorted(problems)]

    def _seed(self, domain: str, *names: str) -> int:
        return seed_for(self._bench.secret, domain, self._student_id, self._bench.spec.name, *names)


def check_result(check: Check, verdict: Verdict, printed: str) -> CheckResult:
    """A verdict as it stands in the report: the message student-safe, the rest in the detail."""
    info, error = check.info, verdict.error
    points = {Outcome.PASSED: info.points, Outcome.FAILED: 0, Outcome.ERRORED: None}
    message = detail = ""
    if error is not None:
        message = _message(check.visibility, verdict)
        detail = _detail(verdict, printed)
    return CheckResult(
        name=check.name,
        title=info.title,
        visibility=check.visibility,
        outcome=verdict.outcome,
        score=points[verdict.outcome],
        max_score=info.points,
        message=_within(_ADDRESS.sub("", message), _LONGEST_MESSAGE),
        detail=_within(_ADDRESS.sub("", detail), _LONGEST_DETAIL),
        hint=info.hint,
        failure=error.kind.value if isinstance(error, StudentFailure) else "",
    )


def _within(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + " …"


def _message(visibility: Visibility, verdict: Verdict) -> str:
    """What the student reads. For a hidden check one of a fixed set of sentences."""
    error = verdict.error
    if verdict.outcome is Outcome.ERRORED:
        return _("this check broke on our side; your instructor has been told, no points are lost")
    if visibility is Visibility.VISIBLE:
        return str(error)
    if isinstance(error, StudentFailure):
        return _hidden_message(error.kind)
    return _("the answer is not the expected one")


def _hidden_message(kind: FailureKind) -> str:
    return {
        FailureKind.MISSING: _("a function, class or parameter the check needs is missing"),
        FailureKind.NOT_BEGUN: _("still to be written"),
        FailureKind.RAISED: _("your code raised an error"),
        FailureKind.DIED: _("your code ended the process, crashed, or ran out of memory"),
        FailureKind.TIMEOUT: _("your code took too long"),
        FailureKind.NOT_RUN: _("not run: time used up"),
        FailureKind.REFUSED: _("your code returned something we do not read"),
        FailureKind.WRONG_TYPE: _("your code returned another kind or shape than asked for"),
        FailureKind.NO_GRADIENT: _("autograd finds no way back through your code"),
    }[kind]


def _detail(verdict: Verdict, printed: str) -> str:
    error = verdict.error
    parts = [verdict.trace, f"{type(error).__name__}: {error}"]
    if isinstance(error, StudentFailure) and error.detail:
        parts.append(error.detail)
    if printed:
        parts.append(_("printed:") + "\n" + printed)
    return "\n".join(part.rstrip() for part in parts if part)
