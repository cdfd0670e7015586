"""``check("corr2d-exact")`` in a notebook: practice with what the kernel holds right now."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class NotGradedHereError(Exception):
    """Raised where a grade cell is run to take points from it."""


def check(exercise: str) -> None:
    """Print how the visible checks of ``exercise`` do on the functions defined so far.

    Raises:
        NotGradedHereError: Under nbgrader's own autograding, which would take silence for full
            marks, and under ``nbgrader validate`` when a visible check fails.
    """
    # Imported here: `from autograder.student import check` has to be quick and never to fail.
    from autograder.messages import _
    from autograder.student.local import checking

    if checking.get():
        return
    execution = os.environ.get("NBGRADER_EXECUTION", "")
    if execution == "autograde":
        raise NotGradedHereError(
            _(
                "this cell is graded by `autograder grade`, not by running it\n"
                "  fix: grade with `autograder grade`"
            )
        )
    text, passed = _practise(exercise, sys._getframe(1).f_globals)
    print(text)
    if execution == "validate" and not passed:  # nbgrader shows the error, and not what is printed
        raise NotGradedHereError(_("a visible check fails") + f"\n{text}")


def _practise(exercise: str, namespace: dict[str, object]) -> tuple[str, bool]:
    from autograder import escape
    from autograder.errors import AutograderError
    from autograder.messages import _
    from autograder.report import Outcome
    from autograder.student.local import LocalStudent
    from autograder.student.practice import run_practice
    from autograder.student.released import find_released
    from autograder.student.render import render

    try:
        folder, released = find_released(Path.cwd())
        if exercise not in {e.name for e in released.exercises}:
            names = ", ".join(e.name for e in released.exercises)
            return _("there is no exercise {exercise!r}\n  fix: one of {names}").format(
                exercise=exercise, names=names
            ), False
        connection = LocalStudent(released.spec, namespace)
        verdicts = run_practice(folder, released, connection, [exercise])
        text = render(released, exercise, (), verdicts)
        note = _("kernel state: run `autograder check` before you submit")
        return f"{text}\n{note}", all(v.outcome is Outcome.PASSED for _c, v in verdicts)
    except AutograderError as error:
        return escape.lines(error), False
