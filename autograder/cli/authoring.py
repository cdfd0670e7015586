"""The author's commands: `release`, `new`, `translations`, `audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import escape
from autograder.cli.application import app, only_assignment
from autograder.messages import _


@app.command()
def release(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default all of them.")
    ] = None,
) -> None:
    """Make what students get, assignments/, from its source.

    Refused where the solution loses a point, what students get earns one, or a check fails on no
    labelled wrong submission, has no title or hint, or tells in them what it expects.
    """
    from autograder.authoring.guard import guard_release
    from autograder.authoring.release import write_release
    from autograder.gradebook.frozen import refuse_frozen_changes
    from autograder.outputs.progress import ClassProgress
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for name in [assignment] if assignment else course.assignments():
        refuse_frozen_changes(course, name, course.root)
        with ClassProgress() as progress:
            guarded = guard_release(course, name, progress.step)
        changed = write_release(course, name)
        print(
            _("{folder}: {files}").format(
                folder=course.release(name).relative_to(course.root),
                files=", ".join(changed) if changed else _("up to date"),
            )
        )
        print(
            _(
                "graded first, in {seconds:.1f} s: the solution earns everything, the stubs "
                "nothing, and each of {checks} checks fails on a wrong submission ({wrong} were "
                "enough to show it)"
            ).format(seconds=guarded.seconds, checks=guarded.checks, wrong=guarded.wrong)
        )


@app.command()
def new(
    assignment: Annotated[
        str, typer.Argument(help="Its name, and that of its folders.", metavar="NAME")
    ],
) -> None:
    """Make the folders of a new assignment, with a small exercise to be replaced by your own."""
    from autograder.authoring.new import make_assignment
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for path in make_assignment(course, assignment):
        print(escape.one_line(path.relative_to(course.root)))
    print(_("next: autograder release {name}").format(name=assignment))


@app.command()
def translations() -> None:
    """Bring the catalogs of translations up to date, and say how much of each is still to be done.

    Those of the engine and of each assignment, in every language that course.toml lists.
    """
    from autograder.authoring.translations import update_translations
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    for one in update_translations(course):
        path = one.path
        print(
            _("{file}: {texts} texts, {missing} missing, {fuzzy} fuzzy").format(
                file=escape.one_line(
                    path.relative_to(course.root) if path.is_relative_to(course.root) else path
                ),
                texts=one.texts,
                missing=one.missing,
                fuzzy=one.fuzzy,
            )
        )


@app.command()
def audit(
    assignment: Annotated[
        str | None, typer.Argument(help="Which assignment; by default the only one.")
    ] = None,
    mutants: Annotated[
        int | None,
        typer.Option(min=0, help="Only so many mutants of the solution; by default all."),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(min=1, help="Grade so often, with other inputs and starts, and compare."),
    ] = 1,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave this check out, to see what only it holds; may be given again."),
    ] = None,
) -> None:
    """Grade submissions whose worth is known, and say where the checks are wrong.

    Ends with exit code 1 where a right answer loses a point, a wrong one keeps all, a mistake gets
    a wrong name, a mutant of the solution survives, or a check breaks or is failed by nothing.
    """
    from autograder.authoring.audit import audit_assignment
    from autograder.authoring.audit_text import audit_text
    from autograder.outputs.progress import ClassProgress
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    name = assignment or only_assignment(course.assignments())
    with ClassProgress() as progress:
        result = audit_assignment(
            course,
            name,
            at_most_mutants=mutants,
            seeds=seeds,
            without=without or (),
            progress=progress.step,
        )
    print(audit_text(result, without or ()))
    if result.defects:
        raise typer.Exit(1)
