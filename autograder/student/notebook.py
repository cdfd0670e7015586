"""``check("corr2d-exact")`` in a notebook: practice with what the kernel holds right now."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


class NotGradedHereError(Exception):
    """Raised where a grade cell is run to take points from it."""


def check(exercise: str, hint: bool = False) -> None:
    """Show how the visible checks of ``exercise`` do on the functions defined so far.

    Args:
        exercise: One of the assignment's.
        hint: Whether to give one hint more than the last time.

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
    practised = _practise(exercise, sys._getframe(1).f_globals, hint)
    practised.show()
    if execution == "validate" and not practised.passed:
        # nbgrader shows the error, and not what is printed.
        raise NotGradedHereError(_("a visible check fails") + f"\n{practised.text}")


class _Practised:
    """What came of it, as text and, for a notebook, as HTML."""

    def __init__(self, text: str, html: str = "", passed: bool = False) -> None:
        self.text = text
        self.html = html
        self.passed = passed

    def show(self) -> None:
        """In a notebook both, of which it takes what it can show; elsewhere the text."""
        if not self.html or _shell() is None:
            print(self.text)
            return
        from IPython.display import display

        display(self)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def _shell() -> Any:
    """The running IPython, or None. Whoever runs in one has imported it."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else getattr(ipython, "get_ipython", lambda: None)()


def _practise(exercise: str, namespace: dict[str, object], hint: bool) -> _Practised:
    import msgspec

    from autograder import escape
    from autograder.errors import AutograderError
    from autograder.messages import _
    from autograder.student.inline import inline_html
    from autograder.student.local import LocalStudent
    from autograder.student.practice import run_practice
    from autograder.student.progress import Progress, read_progress, write_progress
    from autograder.student.released import find_released, form_names
    from autograder.student.render import render
    from autograder.student.screen import Screen, plain
    from autograder.student.view import shown_of

    try:
        folder, released = find_released(Path.cwd())
        if exercise not in {e.name for e in released.exercises}:
            names = ", ".join(e.name for e in released.exercises)
            return _Practised(
                _("there is no exercise {exercise!r}\n  fix: one of {names}").format(
                    exercise=exercise, names=names
                )
            )
        connection = LocalStudent(released.spec, namespace)
        tried = run_practice(folder, released, connection, [exercise])
        notebook = form_names(released)[0]
        before = read_progress(folder, notebook)
        more_hints = f'check("{exercise}", hint=True)'
        shown, after = shown_of(
            released,
            exercise,
            tried,
            exercises=[exercise],
            hints_given=before.hints if before else None,
            next_hint=hint,
            more_hints=more_hints,
            notes=[_("this is what is in memory now: run `autograder check` before you submit")],
        )
        shown = msgspec.structs.replace(shown, done="")  # what is done, the saved file says
        if hint:
            kept = before or Progress()
            write_progress(folder, notebook, Progress(kept.done, {**kept.hints, **after.hints}))
        text = "\n".join(plain(line).rstrip() for line in render(shown, Screen()))
        return _Practised(text, inline_html(shown), all(one.passed for one in tried))
    except AutograderError as error:
        return _Practised(escape.lines(error))
