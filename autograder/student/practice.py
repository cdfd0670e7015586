"""Run the visible checks of a released folder on a student's code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from autograder.checks import Draw, Student, Trace
from autograder.checks.asserts import Mismatch
from autograder.checks.student import Connection
from autograder.errors import FailureKind, StudentFailure
from autograder.grading.collect import Check
from autograder.grading.drawings import drawing_of
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import Drawing, Outcome
from autograder.sandbox.inside import wire, words
from autograder.student.released import Released

_NO_HINT = frozenset(
    (
        FailureKind.MISSING,
        FailureKind.NOT_BEGUN,
        FailureKind.NOT_RUN,
        FailureKind.TIMEOUT,
        FailureKind.DIED,
    )
)
DRAW_SEED = 62  # inputs of visible checks are no secret and the same for everybody


class Practised(Connection, Protocol):
    """The student's code to practise on: in this very process, or in a sandboxed child."""

    problems: list[str]  # of what did not run when the file was loaded, not escaped
    printed_by_file: str  # the last lines, not escaped

    def begin_check(self, exercise: str = "") -> None:
        """What follows belongs to a new check of ``exercise``."""
        ...

    def printed_in_check(self) -> str:
        """The last lines that the code printed since the check began, not escaped."""
        ...

    def runs_again(self, error: BaseException | None) -> bool:
        """Whether a check that ended with ``error`` is run once more before it counts."""
        ...


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A visible check that was run, and what is known of how it came out."""

    check: Check
    verdict: Verdict
    drawing: Drawing | None = None  # where an answer differs from the expected one
    printed: str = ""  # by the student's code in this check: the last lines, not escaped
    not_begun: bool = False  # a stub was met that is still to be filled in
    not_defined: bool = False  # a name was missing, as after a cell that did not run
    function: str = ""  # or class of the student's that was asked last

    @property
    def passed(self) -> bool:
        """Whether the answer was right."""
        return self.verdict.outcome is Outcome.PASSED

    @property
    def hint(self) -> str:
        """The first hint where it can help: it is written for a wrong answer, and for no other."""
        error = self.verdict.error
        no_answer = isinstance(error, StudentFailure) and error.kind in _NO_HINT
        return "" if self.passed or self.not_defined or no_answer else self.check.info.hint


Practise: TypeAlias = Callable[[Practised, Sequence[str]], list[Tried]]


def run_practice(
    folder: Path, released: Released, connection: Practised, exercises: Sequence[str] = ()
) -> list[Tried]:
    """Every visible check in ``folder``, tried; of ``exercises`` only, where given.

    Raises AuthorError when the checks cannot be collected.
    """
    tried: list[Tried] = []
    with_checks(
        folder, released, lambda practise: tried.extend(practise(connection, tuple(exercises)))
    )
    return tried


def with_checks(folder: Path, released: Released, body: Callable[[Practise], None]) -> None:
    """Collect the visible checks in ``folder`` and call ``body`` with what runs them.

    Raises AuthorError when the checks cannot be collected, and whatever ``body`` raises.
    """

    def collected(runner: Runner) -> None:
        def practise(connection: Practised, exercises: Sequence[str]) -> list[Tried]:
            wanted = [c for c in runner.checks if not exercises or c.info.exercise in exercises]
            return [_try(runner, check, connection) for check in wanted]

        body(practise)

    run_session(folder / "test_visible.py", None, released.spec, collected)


def _try(runner: Runner, check: Check, connection: Practised) -> Tried:
    while True:
        connection.begin_check(check.info.exercise)
        trace = Trace(DRAW_SEED)
        verdict = runner.run(check, Student(connection, trace), Draw(DRAW_SEED))
        if not connection.runs_again(verdict.error):
            break
    error = verdict.error
    last = trace.exchanges[-1].result if trace.exchanges else None
    return Tried(
        check=check,
        verdict=verdict,
        drawing=drawing_of(error, trace) if isinstance(error, Mismatch) else None,
        printed=connection.printed_in_check(),
        not_begun=isinstance(error, StudentFailure) and error.kind is FailureKind.NOT_BEGUN,
        not_defined=isinstance(error, StudentFailure) and _is_name_missing(last),
        function=_asked_last(trace),
    )


def _asked_last(trace: Trace) -> str:
    for one in reversed(trace.exchanges):
        match one.operation:
            case wire.Call(target=str(name)) | wire.Gradients(target=str(name)):
                return name
            case wire.Make(class_name=name, torch_layer=False):
                return name
    return ""


def _is_name_missing(last: wire.Result | None) -> bool:
    """The one that was asked for, or one that the student's own code asks for."""
    if not isinstance(last, wire.Failed):
        return False
    raised = last.values.get("error", "") if last.sentence == words.RAISED else ""
    return last.sentence == words.NOT_DEFINED or raised.startswith("NameError: ")


def points(tried: Sequence[Tried]) -> int:
    """Points of the checks that passed."""
    return sum(one.check.info.points for one in tried if one.passed)
