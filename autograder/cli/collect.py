"""The instructor's command `collect`: what was handed in elsewhere, into submitted/."""

from __future__ import annotations

import datetime
import sys
import zoneinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder import escape
from autograder.cli.application import AssignmentOption, app, only_assignment
from autograder.errors import OperatorError
from autograder.messages import _


class From(StrEnum):
    """The kinds of SOURCE."""

    GITHUB = "github"
    CLASSROOM50 = "classroom50"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    FOLDER = "folder"


@app.command()
def collect(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="A folder of clones, a download of Canvas, Moodle or Gradescope as it came or "
            "unpacked, or a folder laid out <student>/<assignment>/.",
            metavar="SOURCE",
        ),
    ],
    assignment: AssignmentOption = None,
    roster: Annotated[
        Path | None, typer.Option(help="The class as CSV, as one of the platforms exports it.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Where to; by default submitted/ of the course.")
    ] = None,
    kind: Annotated[
        From | None, typer.Option("--from", help="What SOURCE is, where its names do not tell.")
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="What repositories' names begin with, before the username."),
    ] = None,
    ask_github: Annotated[
        str | None,
        typer.Option(
            help="Ask GitHub when each was pushed: the organization that has the repositories.",
            metavar="OWNER",
        ),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option(
            help="The deadline, such as 2026-10-01T23:59: of late work, the last version from "
            "before it is kept too, where a server says when that was.",
            metavar="TIME",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be done; write nothing.")] = False,
) -> None:
    """Put what was handed in on GitHub, Canvas, Moodle or Gradescope into submitted/.

    Nothing is dropped: what cannot be matched or read is listed. Ends with exit code 1 where
    somebody has to act on it.
    """
    from rich.console import Console
    from rich.progress import Progress

    from autograder.classroom.collecting.collect import collect as collect_class
    from autograder.classroom.collecting.collect_text import collect_text
    from autograder.classroom.collecting.git_objects import workshop
    from autograder.classroom.collecting.handed import Wanted
    from autograder.classroom.collecting.released import is_changed
    from autograder.classroom.collecting.repositories import Clones
    from autograder.classroom.collecting.roster import read_roster
    from autograder.classroom.collecting.server_time import asking
    from autograder.classroom.collecting.sources import found_at
    from autograder.trusted import trusted_course

    course = trusted_course(Path.cwd())
    name = assignment or only_assignment(course.assignments())
    spec = course.assignment(name)
    wanted = Wanted(
        assignment=name,
        languages=course.spec.languages,
        max_bytes=spec.limits.file_bytes,
        is_changed=is_changed(course, name),
        due=_moment(due, course.spec.timezone),
    )
    people = read_roster(roster) if roster else None
    with workshop() as ours:
        clones = Clones(
            workshop=ours,
            wanted=wanted,
            source="github",
            prefix=prefix,
            owner=ask_github,
            ask=asking(ask_github, ours.folder) if ask_github else None,
        )
        found = [found_at(source, kind.value if kind else None, clones) for source in sources]
        with Progress(
            console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
        ) as bar:
            task = bar.add_task(escape.one_line(name))
            result = collect_class(
                name,
                (into or course.root / "submitted").absolute(),
                found,
                people,
                wanted.due,
                dry_run=dry_run,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    print(escape.lines(collect_text(result, dry_run)))
    if result.needs_person:
        raise typer.Exit(1)


def _moment(text: str | None, timezone: str) -> datetime.datetime | None:
    """``text`` as a moment, in the course's time zone where it names none."""
    if text is None:
        return None
    try:
        if len(text) < len("2026-10-01T23:59"):
            raise ValueError(text)  # a date alone: the day's first minute or last?
        moment = datetime.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zoneinfo.ZoneInfo(timezone))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise OperatorError(
            _("--due {text}: is no time\n  fix: such as 2026-10-01T23:59+08:00").format(
                text=escape.one_line(text)
            )
        ) from error
