"""`template`: the repository that students start from, and corrections to those they have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import escape
from autograder.cli.application import app, only_assignment, tell
from autograder.errors import AutograderError, OperatorError
from autograder.messages import _, ngettext


@app.command()
def template(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default the only one.")
    ] = None,
    clones: Annotated[
        list[Path] | None,
        typer.Argument(help="With --update: clones of students' repositories.", metavar="CLONE"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where to write; by default build/template.")
    ] = None,
    torch_index: Annotated[
        str,
        typer.Option(
            help="A package index with CPU builds of torch, for the workflow; by default what the "
            "variable TORCH_INDEX says on GitHub.",
            metavar="URL",
        ),
    ] = "",
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Prepare a pull request that brings corrected checks to repositories that "
            "students have already; nothing is pushed.",
        ),
    ] = False,
) -> None:
    """Make the repository that students start from: the release, their checker, a workflow.

    With --update: a branch in each CLONE that replaces what is the course's and touches no file
    that students write in, and the commands that open a pull request of it.
    """
    from autograder.classroom.template import template_files, write_template
    from autograder.classroom.template_update import commands, prepare, update_of, write_update
    from autograder.trusted import trusted_course

    if clones and not update:
        raise OperatorError(_("clones are named without --update\n  fix: add --update"))
    course = trusted_course(Path.cwd())
    name = assignment or only_assignment(course.assignments())
    files = template_files(course, name, torch_index)
    output = output or course.root / "build" / "template"
    if not update:
        folder = output / name
        is_new = write_template(files, folder)
        print(
            ngettext("{folder}: {count} file", "{folder}: {count} files", len(files)).format(
                folder=escape.one_line(folder), count=len(files)
            )
            + ("" if is_new else " · " + _("up to date"))
        )
        print(_("next: push it to an empty repository, and mark that as a template"))
        return
    made = update_of(name, files)
    folder = output / f"{name}-update"
    write_update(made, folder)
    print(
        _("{folder}: title, text and files of the pull request").format(
            folder=escape.one_line(folder)
        )
    )
    refused = 0
    for clone in clones or ():
        shown = escape.one_line(clone)
        try:
            prepared = prepare(made, clone)
        except AutograderError as error:
            tell(str(error))
            refused += 1
            continue
        if not prepared.changed:
            print(_("{clone}: up to date").format(clone=shown))
            continue
        count = len(prepared.changed)
        print(
            ngettext(
                "{clone}: branch {branch}, {count} file",
                "{clone}: branch {branch}, {count} files",
                count,
            ).format(clone=shown, branch=made.branch, count=count)
        )
        print(commands(made, clone, folder / "body.md"))
    if refused:
        raise typer.Exit(1)
