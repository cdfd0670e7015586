"""The instructor's `publish`: each student's final grade and feedback, where the work came from."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder import escape
from autograder.cli.application import (
    AssignmentOption,
    DatabaseOption,
    StudentsOption,
    app,
    only_assignment,
    tell,
    where,
)
from autograder.messages import _, ngettext

if TYPE_CHECKING:
    from autograder.classroom.publishing.class_feedback import Told
    from autograder.classroom.publishing.publish import Step


class Kind(enum.StrEnum):
    """What a feedback is on GitHub."""

    ISSUE = "issue"
    COMMENT = "comment"


@app.command()
def publish(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder that was collected into, as for `grade`.", metavar="DIR"),
    ] = None,
    assignment: AssignmentOption = None,
    student: StudentsOption = None,
    output: Annotated[
        Path | None, typer.Option(help="Course root with reports and grades.")
    ] = None,
    db: DatabaseOption = None,
    kind: Annotated[
        Kind,
        typer.Option(
            "--as", help="An issue, or a comment on GitHub Classroom's Feedback pull request."
        ),
    ] = Kind.ISSUE,
    accept_mapping: Annotated[
        bool,
        typer.Option(
            "--accept-mapping",
            help="Students may have other repositories or usernames than the last time.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it, only look and say what would be done.")
    ] = False,
) -> None:
    """Tell each student the final grade in their own private repository on GitHub, through gh.

    Without --yes nothing is written there, and you read what would be. Run again, or stopped, it
    makes nothing twice. Ends with exit code 1 where somebody's could not be published.
    """
    from autograder.outputs.interrupt import interruptible

    with interruptible(_("the same command goes on from there")):
        from autograder.classroom.publishing.class_feedback import Wanted, publish_class
        from autograder.classroom.publishing.gh import GhProgram
        from autograder.gradebook.address import database_url
        from autograder.gradebook.final import final_grades
        from autograder.trusted import trusted_course

        course = trusted_course(Path.cwd(), graded=folder)
        name = assignment or only_assignment(course.assignments())
        folder, output = where(course.root, folder, output)
        url = database_url(db or str((output / "gradebook.db").resolve()))
        told = publish_class(
            course,
            name,
            folder,
            output,
            final_grades(url, course.assignment(name)),
            Wanted(
                kind=kind.value,
                students=frozenset(student or ()),
                accept_mapping=accept_mapping,
                is_done=yes,
            ),
            GhProgram,
            tell=lambda step: print(step_line(step, yes), flush=True),
            say=tell,
        )
        print(closing(told, yes))
    if told.stopped:
        raise typer.Exit(1)


def step_line(step: Step, is_done: bool) -> str:
    """What was done, or is to be done, for one student."""
    words = {
        "create": _("created") if is_done else _("to be created"),
        "update": _("updated") if is_done else _("to be updated"),
        "nothing": _("is there already"),
        "stopped": _("not published: {why}").format(why=escape.one_line(step.why)),
    }
    place = escape.one_line(step.target.repository or "–")
    return f"{escape.one_line(step.target.student)}  {place}  {words[step.action]}"


def closing(told: Told, is_done: bool) -> str:
    """How many of what there were, where to read it, and how to go on."""
    done = sum(step.action in ("create", "update") for step in told.steps)
    same = sum(step.action == "nothing" for step in told.steps)
    text = (
        ngettext("{count} feedback written", "{count} feedbacks written", done)
        if is_done
        else ngettext("{count} feedback to be written", "{count} feedbacks to be written", done)
    )
    said = [text.format(count=done), _("{count} there already").format(count=same)]
    if told.stopped:
        said.append(_("{count} not published").format(count=len(told.stopped)))
    if told.missing:
        said.append(_("{count} handed in nothing").format(count=len(told.missing)))
    lines = [
        "; ".join(said),
        _("what they read: {folder}").format(folder=escape.one_line(os.path.relpath(told.bodies))),
    ]
    if not is_done and done:
        lines.append(_("nothing was written on GitHub; the same command with --yes does it"))
    if is_done and told.stopped:
        lines.append(_("the same command again does what is left"))
    return "\n".join(lines)
