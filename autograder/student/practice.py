"""Run the visible checks of a released folder on a student's code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.checks import Draw, Student
from autograder.grading.collect import Check
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import Outcome
from autograder.student.local import LocalStudent
from autograder.student.released import Released

DRAW_SEED = 62  # inputs of visible checks are no secret and the same for everybody


def run_practice(
    folder: Path, released: Released, connection: LocalStudent, exercises: Sequence[str] = ()
) -> list[tuple[Check, Verdict]]:
    """Every visible check in ``folder`` with its verdict; of ``exercises`` only, where given.

    Raises AuthorError when the checks cannot be collected.
    """
    verdicts: list[tuple[Check, Verdict]] = []

    def body(runner: Runner) -> None:
        for check in runner.checks:
            if exercises and check.info.exercise not in exercises:
                continue
            connection.begin_check()
            verdicts.append((check, runner.run(check, Student(connection), Draw(DRAW_SEED))))

    run_session(folder / "test_visible.py", None, released.spec, body)
    return verdicts


def points(verdicts: Sequence[tuple[Check, Verdict]]) -> int:
    """Points of the checks that passed."""
    return sum(c.info.points for c, v in verdicts if v.outcome is Outcome.PASSED)
