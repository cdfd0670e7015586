"""The guard before a release: an assignment whose checks do not hold is not handed out.

The solution has to earn everything, what students get nothing, and every check has to fail on a
labelled wrong submission. All of it is graded in the sandbox, as a class is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from torch import Tensor

from autograder.authoring.audit import audit_secret, grade_form
from autograder.authoring.hints import said_in, told_answer
from autograder.authoring.labelled import Labelled, labelled_submissions
from autograder.authoring.notebook import notebook_bytes, script_bytes
from autograder.authoring.release import build_release, build_source_notebook
from autograder.checks import Draw, Student, recording
from autograder.errors import AuthorError
from autograder.grading.bench import with_bench
from autograder.grading.collect import Check
from autograder.grading.grade import Bench
from autograder.grading.session import Runner, Verdict
from autograder.messages import _
from autograder.report import CheckResult, Outcome, Visibility
from autograder.sandbox.inside.interpreter import FUNCTIONS
from autograder.spec import Course
from autograder.submission import Form, as_form

Progress = Callable[[int, int, str], None]  # done, at most, what was just graded
Results = Mapping[str, CheckResult]  # by check

_SHOWN = 10  # checks of a refusal
_SHOWN_OF_A_REASON = 120  # characters


class Guarded(msgspec.Struct, frozen=True):
    """What was graded before a release: ``wrong`` submissions were enough to fail every check."""

    checks: int
    wrong: int
    seconds: float


def guard_release(
    course: Course, assignment: str, progress: Progress = lambda done, most, name: None
) -> Guarded:
    """Grade what the release of ``assignment`` would be made of; nothing is written.

    Nothing is asked of void checks: they were found wrong.

    Raises:
        AuthorError: As `build_release`; or the solution loses a point, what students get earns
            one, a check fails on no wrong submission, has no title, or tells what it expects.
        OperatorError: ``course`` has no such assignment.
        SandboxError: Student code cannot be isolated here.
    """
    start = time.monotonic()
    folders = course.releases(assignment)
    releases = {language: build_release(course, assignment, language) for language in folders}
    files = next(iter(releases.values()))
    _refuse_carrying_forward_in_vain(course, assignment)
    script, notebook = f"{assignment}.py", f"{assignment}.ipynb"
    source = build_source_notebook(course, assignment)
    solved = {notebook: notebook_bytes(source), script: script_bytes(source)}
    solution = [as_form(name, solved[name], assignment) for name in (notebook, script)]
    stubs = {
        folder / name: as_form(name, releases[language][name], assignment)
        for language, folder in folders.items()
        for name in (notebook, script)
    }
    public = "\n".join(files[name].decode() for name in (script, "README.md", "test_visible.py"))
    wrong = [one for one in labelled_submissions(course, assignment) if one.label]
    guarded: list[Guarded] = []

    def judge(bench: Bench) -> None:
        void = bench.spec.void
        checks = [check for check in bench.runner.checks if check.name not in void]
        recorder = _Recorder(bench.runner)
        spec = msgspec.structs.replace(bench.spec, void=())
        bench = msgspec.structs.replace(bench, spec=spec, recogniser=None)
        recorded = msgspec.structs.replace(bench, runner=recorder)
        done = 0

        def grade(name: str, form: Form, bench: Bench = bench) -> Results:
            nonlocal done
            exercises = grade_form(name, form, bench).exercises
            done += 1
            progress(done, len(solution) + len(stubs) + len(wrong), name)
            return {check.name: check for one in exercises for check in one.checks}

        _refuse_without_title(checks)
        for form in solution:
            results = grade(f"solution/{form.file}", form, recorded)
            _refuse_losing(checks, results, form, course.source(assignment))
        _refuse_telling(checks, recorder.expected, public)
        for path, form in stubs.items():
            results = grade(f"stub/{path.relative_to(course.release(assignment))}", form)
            _refuse_earning(checks, results, path)
        left, graded = _until_each_failed(checks, wrong, lambda one: grade(one.name, one.form))
        if left:
            raise AuthorError(
                _(
                    "{folder}: no wrong submission there fails these checks:\n{checks}\n"
                    "  fix: add one with the mistake that the check is for, labelled with its "
                    "exercise"
                ).format(folder=course.labelled(assignment) / "wrong", checks=_listed(left))
            )
        guarded.append(Guarded(len(checks), graded, round(time.monotonic() - start, 1)))

    with_bench(course, course.assignment(assignment), audit_secret(0), judge)
    return guarded[0]


class _Recorder(Runner):
    """A runner that keeps what the hidden checks compare with, in each run of each."""

    def __init__(self, runner: Runner) -> None:
        self.checks = runner.checks
        self._runner = runner
        self.expected: dict[str, list[list[Tensor]]] = {}

    def run(self, check: Check, student: Student, draw: Draw) -> Verdict:
        with recording() as made:
            verdict = self._runner.run(check, student, draw)
        if check.visibility is Visibility.HIDDEN:
            self.expected.setdefault(check.name, []).append([one.expected for one in made])
        return verdict


def _refuse_carrying_forward_in_vain(course: Course, assignment: str) -> None:
    """An exercise or a function that there is not would show only in the middle of grading."""
    spec = course.assignment(assignment)
    rule = spec.carried_forward
    if rule is None:
        return
    known = [exercise.name for exercise in spec.exercises]
    for name, names in (
        *((exercise, known) for exercise in (*rule.lost, *rule.rerun)),
        (rule.function, list(FUNCTIONS)),
    ):
        if name not in names:
            raise AuthorError(
                _(
                    "{path}: [carried_forward] names {name!r}, which there is not\n"
                    "  fix: one of {names}"
                ).format(
                    path=course.source(assignment).with_name("assignment.toml"),
                    name=name,
                    names=", ".join(names),
                )
            )


def _refuse_without_title(checks: Sequence[Check]) -> None:
    for check in checks:
        if not check.info.title.strip():
            raise AuthorError(
                _('{where}: {check} has no title\n  fix: rename it, or give it title="…"').format(
                    where=_where(check), check=check.name
                )
            )


def _refuse_losing(checks: Sequence[Check], results: Results, form: Form, source: Path) -> None:
    lost = [check for check in checks if results[check.name].outcome is not Outcome.PASSED]
    if lost:
        raise AuthorError(
            _(
                "{source}: the solution, as {file}, does not earn everything:\n{checks}\n"
                "  fix: mend the solution, or the check"
            ).format(source=source, file=form.file, checks=_listed(lost, results))
        )


def _refuse_earning(checks: Sequence[Check], results: Results, path: Path) -> None:
    earned = [check for check in checks if results[check.name].outcome is not Outcome.FAILED]
    if earned:
        raise AuthorError(
            _(
                "{path}: would earn points as students get it, or breaks a check:\n{checks}\n"
                "  fix: let the check ask for something that is still to be written as well"
            ).format(path=path, checks=_listed(earned))
        )


def _refuse_telling(
    checks: Sequence[Check], expected: Mapping[str, Sequence[Sequence[Tensor]]], public: str
) -> None:
    """What is expected of one student and not of another is told to nobody: those were drawn."""
    told = said_in(public)
    for check in checks:
        hints = ((_("hint"), hint) for hint in check.info.hints)
        for kind, text in ((_("title"), check.info.title), *hints):
            found = told_answer(text, expected.get(check.name, ()), told)
            if found is not None:
                raise AuthorError(
                    _(
                        "{where}: the {kind} of {check} tells what the check expects: {found}\n"
                        "  fix: say it without; students read the {kind} of a hidden check"
                    ).format(where=_where(check), kind=kind, check=check.name, found=found)
                )


def _until_each_failed(
    checks: Iterable[Check], wrong: Sequence[Labelled], grade: Callable[[Labelled], Results]
) -> tuple[list[Check], int]:
    """The checks that fail on none of ``wrong``, and how many of these were graded to see it.

    What one fails counts in the exercises that its label names. First come those that name the
    exercises with the most checks still left.
    """
    left, waiting = list(checks), list(wrong)

    def labelled(one: Labelled) -> list[Check]:
        return [check for check in left if one.label and check.info.exercise in one.label.exercises]

    while left and waiting:
        most = max(waiting, key=lambda one: len(labelled(one)))
        asked = labelled(most)
        if not asked:
            break
        waiting.remove(most)
        results = grade(most)
        failed = [check for check in asked if results[check.name].outcome is Outcome.FAILED]
        left = [check for check in left if check not in failed]
    return left, len(wrong) - len(waiting)


def _listed(checks: Sequence[Check], results: Results | None = None) -> str:
    """A line for each check, with the reason where there are ``results``."""
    lines = []
    for check in checks[:_SHOWN]:
        line = f"    {_where(check)}: {check.name}"
        lines.append(f"{line}: {_reason(results[check.name])}" if results else line)
    if len(checks) > _SHOWN:
        lines.append("    " + _("and {count} more").format(count=len(checks) - _SHOWN))
    return "\n".join(lines)


def _reason(result: CheckResult) -> str:
    """The first line of the error, below where it was raised."""
    lines = (line for line in result.detail.splitlines() if line and not line.startswith(" "))
    return next(lines, result.outcome.value)[:_SHOWN_OF_A_REASON]


def _where(check: Check) -> str:
    return f"{check.item.path}:{(check.item.location[1] or 0) + 1}"
