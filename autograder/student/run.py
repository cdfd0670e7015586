"""One run of ``autograder check``: from the student's file to the lines about it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError, SandboxError, SubmissionError
from autograder.messages import _
from autograder.student.local import LocalStudent
from autograder.student.practice import (
    Practise,
    Practised,
    Tried,
    points,
    run_practice,
    with_checks,
)
from autograder.student.progress import read_progress, write_progress
from autograder.student.released import Released, form_names
from autograder.student.view import Shown, shown_of
from autograder.submission import Form, as_form, read_regular_file
from autograder.submission.reading import printable


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the visible checks on one form."""

    form: Form
    tried: tuple[Tried, ...]
    problems: tuple[str, ...]  # of what did not run, not escaped
    printed: str  # by the file as a whole, not escaped
    about: str = ""  # what is to be known of the file
    isolated_by: str | None = None


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
    run = check_local(folder, released, form, practise, about)
    return shown_run(folder, released, run, next_hint)


def check_local(
    folder: Path,
    released: Released,
    form: Form,
    practise: Practise | None = None,
    about: str = "",
) -> Run:
    """What comes of ``form`` in this very process. Arguments and errors are `check_form`'s."""
    connection = LocalStudent(released.spec)
    connection.load(form)
    if practise is None:
        tried = run_practice(folder, released, connection)
    else:
        tried = practise(connection, ())
    return _run(form, connection, tried, about)


def check_isolated(
    folder: Path,
    released: Released,
    forms: Sequence[Form],
    unread: SubmissionError | None = None,
) -> Run:
    """What comes of ``forms`` in the sandbox; of several, of the one that is farthest.

    When a file was saved, which tells elsewhere, a fresh copy of a repository does not know.

    Args:
        folder: The released folder.
        released: Its facts.
        forms: The student's.
        unread: Why another of them could not be read, if there is one.

    Raises:
        SubmissionError: One could not be read, and nothing is begun in the others.
        SandboxError: Student code cannot be isolated here.
        AuthorError: The checks cannot be collected.
    """
    if sys.platform != "linux":
        raise SandboxError(
            _(
                "cannot isolate student code on {platform}\n  fix: grade on Linux, "
                "or in a Linux virtual machine (`autograder check` works here)"
            ).format(platform=sys.platform)
        )
    # Here: on other systems there is nothing of what the sandbox is made of.
    from autograder.sandbox.host import Sandbox
    from autograder.student.isolated import IsolatedStudent

    runs: list[Run] = []

    def each(practise: Practise) -> None:
        with Sandbox(released.spec) as sandbox:
            by = sandbox.combination.name
            for form in forms:
                with contextlib.closing(IsolatedStudent(sandbox, released.spec, form)) as one:
                    tried = practise(one, ())
                    runs.append(_run(form, one, tried, isolated_by=by))

    with_checks(folder, released, each)
    best = max(runs, key=lambda run: (points(run.tried), sum(not t.not_begun for t in run.tried)))
    others = [run.form.file for run in runs if run is not best]
    about = ""
    if unread is not None:
        if all(one.not_begun for one in best.tried):  # the work may be in what cannot be read
            raise unread
        about = str(unread).partition("\n")[0]
    if others:
        about = _("{other} is there as well; this is {file}, the one that is farther").format(
            other=", ".join(others), file=best.form.file
        )
    return msgspec.structs.replace(best, about=about)


def forms_there(path: Path, released: Released) -> tuple[list[Form], SubmissionError | None]:
    """The student's file, or of a folder both forms; no link is followed.

    Where one of both cannot be read, the other alone, and why, as when they are graded.

    Raises OperatorError where there is none, SubmissionError where none can be read.
    """
    folder, names = (path, form_names(released)) if path.is_dir() else (path.parent, (path.name,))
    forms = []
    unread: SubmissionError | None = None
    for name in names:
        try:
            data = read_regular_file(folder, (name,), released.limits.file_bytes)
            forms.append(as_form(printable(name), data, released.name))
        except FileNotFoundError:
            continue
        except SubmissionError as error:
            unread = error
    if unread is not None and not forms:
        raise unread
    if not forms:
        raise OperatorError(
            _(
                "{path}: there is neither a notebook nor a script of yours\n"
                "  fix: it is called {names}"
            ).format(path=path, names=" / ".join(form_names(released)))
        )
    return forms, unread


def shown_run(folder: Path, released: Released, run: Run, next_hint: bool = False) -> Shown:
    """What is told of ``run``; what is to be remembered is, in ``folder``."""
    note = _("practice on this machine, without isolation")
    if run.isolated_by is not None:
        note = _("practice; the code was isolated by: {name}").format(name=run.isolated_by)
    before = read_progress(folder, run.form.file)
    shown, progress = shown_of(
        released,
        run.form.file,
        run.tried,
        about=run.about,
        problems=run.problems,
        printed=run.printed,
        hints_given=before.hints if before else None,
        done_before=before.done if before else None,
        next_hint=next_hint,
        notes=[note],
    )
    write_progress(folder, run.form.file, progress)
    return shown


def _run(
    form: Form,
    connection: Practised,
    tried: Sequence[Tried],
    about: str = "",
    isolated_by: str | None = None,
) -> Run:
    return Run(
        form=form,
        tried=tuple(tried),
        problems=tuple(connection.problems),
        printed=connection.printed_by_file,
        about=about,
        isolated_by=isolated_by,
    )
