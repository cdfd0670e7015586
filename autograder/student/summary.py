"""A run as the summary of a job: Markdown that GitHub shows above the job's log.

What is not ours in it begins no link, mention, picture, HTML or block: titles and hints are escaped
and cut where GitHub would make a reference of them, and what student code says stands in a fence
that is longer than any in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder import escape
from autograder.messages import _, ngettext
from autograder.outputs.pictures import DrawnCell, DrawnGrid, Picture
from autograder.student.failure import failure_text, picture_in
from autograder.student.practice import Tried, points
from autograder.student.released import Released
from autograder.student.run import Run
from autograder.student.view import (
    ExerciseShown,
    State,
    exercises_of,
    state_of,
)

_MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.ERRORED: "?", State.NOT_BEGUN: "·"}
_DRAWN = 4  # failures with their grids; the others in words
_ROWS, _COLUMNS = 12, 12
_LONGEST_TEXT = 2_000  # characters of one message
# GitHub takes 1 MiB of a step, and shows nothing of more. A character may take four bytes.
_LONGEST = 200_000
_JOINER = "\u2060"  # is not seen, and ends what would be a name, a number or an address
# No # of an entity of ours: `escape.markdown` makes `&#92;` of a backslash.
_REFERENCE = re.compile(r"@(?=\w)|(?:(?<!&)|(?<=\\&))#(?=\w)|\bGH-(?=\d)", re.IGNORECASE)


def summary(released: Released, run: Run) -> str:
    """All of it, with a line end at the end."""
    most, every = released.visible_points, released.spec.points
    parts = [
        "# " + inline(_("Practice: {title}").format(title=released.title)),
        "**"
        + _("{points} of {most} points that visible checks can show").format(
            points=points(run.tried), most=most
        )
        + "** · "
        + _hidden(released),
        _(
            "This is practice and no grade: at most {most} of {all} points are shown here. "
            "Red means that a visible check fails, green that all of them pass."
        ).format(most=most, all=every),
        inline(_("checked: {file}").format(file=run.form.file))
        + (f" · {inline(run.about)}" if run.about else ""),
        "\n".join(_table(exercises_of(released, run.tried))),
    ]
    if run.problems:
        parts += ["## " + _("Did not run"), block("\n".join(run.problems))]
    failed = [one for one in run.tried if not one.passed and not one.not_begun]
    if failed:
        parts.append("## " + _("What fails"))
    length, drawn = sum(map(len, parts)), 0
    for number, one in enumerate(failed):
        made = list(_failure(released, one, drawn < _DRAWN))
        drawn += one.drawing is not None
        length += sum(map(len, made))
        if length > _LONGEST:
            rest = len(failed) - number
            parts.append(
                ngettext("… and {count} more", "… and {count} more", rest).format(count=rest)
            )
            break
        parts += made
    if failed:
        parts.append(_("`autograder check --hint` on your own machine gives further hints."))
    return "\n\n".join(parts) + "\n"


def summary_without_run(why: str) -> str:
    """What to say where no check could be run."""
    parts = ["# " + _("Practice"), _("**No check could be run.**"), block(why)]
    return "\n\n".join(parts) + "\n"


def inline(text: str) -> str:
    """``text`` for a line or a table's cell of Markdown, shown as it is and linked to nothing."""
    return _REFERENCE.sub(lambda found: found[0] + _JOINER, escape.markdown(text))


def block(text: str) -> str:
    """``text`` in a fence of its own, in which nothing is Markdown."""
    shown = escape.lines(text)
    if len(shown) > _LONGEST_TEXT:
        shown = shown[:_LONGEST_TEXT] + " …"
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _hidden(released: Released) -> str:
    count = released.hidden_checks.count
    return ngettext(
        "{count} hidden check, worth {points} points, was not run",
        "{count} hidden checks, worth {points} points, were not run",
        count,
    ).format(count=count, points=released.hidden_checks.points)


def _table(exercises: list[ExerciseShown]) -> Iterator[str]:
    yield f"| {_('exercise')} | {_('points')} | {_('shown here')} | {_('checks')} |"
    yield "|:--|--:|--:|:--|"
    for one in exercises:
        how = " ".join(_MARKS[state] for state, _title in one.checks)
        if one.state is State.NOT_BEGUN:
            how = _("not begun yet")
        most = _("of {most}").format(most=one.most)
        yield f"| {inline(one.name)} | {one.points} | {most} | {how} |"


def _failure(released: Released, tried: Tried, draw: bool) -> Iterator[str]:
    info = tried.check.info
    yield f"### {_MARKS[state_of(tried)]} {inline(info.title)}"
    yield inline(
        ngettext("{exercise}, {points} point", "{exercise}, {points} points", info.points).format(
            exercise=info.exercise, points=info.points
        )
    )
    yield block(failure_text(tried))
    picture = picture_in(released, tried) if draw else None
    if picture is not None:
        yield from _picture(picture)
    if tried.hint:
        yield "> " + inline(_("hint: {hint}").format(hint=tried.hint))


def _picture(picture: Picture) -> Iterator[str]:
    for grid in picture.grids:
        is_cut = grid.is_cut or len(grid.rows) > _ROWS or any(len(r) > _COLUMNS for r in grid.rows)
        yield f"{inline(grid.caption)} ({inline(grid.shape)})" + (" …" if is_cut else "")
        yield "\n".join(_grid(grid))
    if picture.which or picture.sentence:
        yield inline(picture.which or picture.sentence)


def _grid(grid: DrawnGrid) -> Iterator[str]:
    rows = [row[:_COLUMNS] for row in grid.rows[:_ROWS]]
    columns = max(map(len, rows), default=0)
    yield "| | " + " | ".join(str(number + 1) for number in range(columns)) + " |"
    yield "|--:|" + "--:|" * columns
    for number, row in enumerate(rows):
        yield f"| {number + 1} | " + " | ".join(map(_cell, row)) + " |"


def _cell(cell: DrawnCell) -> str:
    text = inline(cell.text)
    return f"**{text}**" if cell.mark == "wrong" else text
