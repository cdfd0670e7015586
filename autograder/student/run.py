"""One run of ``autograder check``: from the student's file to the lines about it."""

from __future__ import annotations

from pathlib import Path

from autograder.messages import _
from autograder.student.local import LocalStudent
from autograder.student.practice import Practise, run_practice
from autograder.student.progress import read_progress, write_progress
from autograder.student.released import Released
from autograder.student.view import Shown, shown_of
from autograder.submission import Form


def check_form(
    folder: Path,
    released: Released,
    form: Form,
    practise: Practise | None = None,
    next_hint: bool = False,
    about: str = "",
) -> Shown:
    """What is told of ``form``; how far it is, and the hints given, are remembered in ``folder``.

    Args:
        folder: The released folder.
        released: Its facts.
        form: The student's file.
        practise: Runs the checks, where they are collected already.
        next_hint: Give one hint more than the last time.
        about: What to say of the file below its name.

    Raises:
        AuthorError: The checks cannot be collected.
    """
    connection = LocalStudent(released.spec)
    connection.load(form)
    if practise is None:
        tried = run_practice(folder, released, connection)
    else:
        tried = practise(connection, ())
    before = read_progress(folder, form.file)
    shown, progress = shown_of(
        released,
        form.file,
        tried,
        about=about,
        problems=connection.problems,
        printed=connection.printed_by_file,
        hints_given=before.hints if before else None,
        done_before=before.done if before else None,
        next_hint=next_hint,
        notes=[_("practice on this machine, without isolation")],
    )
    write_progress(folder, form.file, progress)
    return shown
