"""The student's commands: `check` and `watch`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.application import app
from autograder.errors import OperatorError
from autograder.messages import _


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Your notebook or script, or its folder.")] = Path(),
    hint: Annotated[
        bool, typer.Option("--hint", help="One hint more for the first check that fails.")
    ] = False,
    sandbox: Annotated[
        bool,
        typer.Option("--sandbox", help="Run the file isolated, as when it is graded; Linux only."),
    ] = False,
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write the result there, for other programs.", metavar="FILE"),
    ] = None,
    github: Annotated[
        bool,
        typer.Option(
            "--github",
            help="In a job of GitHub Actions: isolated, with annotations and a summary. Ends with "
            "exit code 1 where a visible check fails.",
        ),
    ] = False,
) -> None:
    """Run the visible checks on your own file, here on your machine."""
    _refuse_what_was_handed_in(file)
    if github:
        from autograder.student.github import check_in_job

        if not check_in_job(file, sys.stdout, os.environ, json):
            raise typer.Exit(1)
        return
    from autograder.student.released import find_released, students_form
    from autograder.student.render import render
    from autograder.student.result import result_of, write_result
    from autograder.student.run import check_isolated, check_local, forms_there, shown_run
    from autograder.student.screen import screen_of, write

    folder, released = find_released(file)
    if sandbox:
        run = check_isolated(folder, released, *forms_there(file, released))
    else:
        form, about = students_form(file, released)
        run = check_local(folder, released, form, about=about)
    if json is not None:
        write_result(json, result_of(released, run))
    shown = shown_run(folder, released, run, next_hint=hint)
    screen = screen_of(sys.stdout)
    write(render(shown, screen), sys.stdout, screen)


@app.command()
def watch(
    file: Annotated[Path, typer.Argument(help="Your notebook or script, or its folder.")] = Path(),
) -> None:
    """Run the visible checks again whenever you save your file; Control-C ends it."""
    from autograder.student.watch import watch as watch_file

    _refuse_what_was_handed_in(file)
    watch_file(file, sys.stdout)


def _refuse_what_was_handed_in(file: Path) -> None:
    """`check` and `watch` run a file unguarded: of a course, only what its authors wrote."""
    place = file.resolve()
    for folder in (place, *place.parents):
        trusted = (folder / "assignments", folder / "solutions")
        if (folder / "course.toml").is_file() and not any(map(place.is_relative_to, trusted)):
            raise OperatorError(
                _(
                    "{file}: may have been handed in, and `check` and `watch` run a file without "
                    "isolation\n  fix: autograder grade --student NAME"
                ).format(file=file)
            )
