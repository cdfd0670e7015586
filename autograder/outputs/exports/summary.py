"""A class as the Markdown of a CI job's summary, no longer than GitHub takes."""

from __future__ import annotations

from autograder import escape
from autograder.messages import _, ngettext
from autograder.outputs.exports.model import Export, Exported, points_text, sorted_out

_MOST_BYTES = 1024 * 1024 - 4096  # GitHub cuts a step's summary off, whole, at 1 MiB
_STATUS = {"graded": "✓", "not scored": "!", "missing": "–"}


def summary(exported: tuple[Exported, ...]) -> Export:
    """``summary.md``: a table of the class, whoever needs a person first."""
    _graded, needed, notes = sorted_out(exported)
    data = class_summary(exported, _MOST_BYTES).encode()
    return Export(files={"summary.md": data}, needed=needed, notes=notes)


def class_summary(exported: tuple[Exported, ...], most_bytes: int) -> str:
    """The table, with as many rows as there is room for, and a line that says how many are not."""
    names = [exercise.name for exercise in exported[0].exercises] if exported else []
    counts = {name: sum(one.status == name for one in exported) for name in _STATUS}
    title = exported[0].title if exported else ""
    lines = [
        f"## {_cell(title)}",
        "",
        _("{graded} graded, {unscored} not scored, {missing} handed nothing in").format(
            graded=counts["graded"], unscored=counts["not scored"], missing=counts["missing"]
        ),
        "",
        "| " + " | ".join(["", _("student"), *map(_cell, names), _("late"), _("final")]) + " |",
        "|---|---|" + "--:|" * (len(names) + 2),
    ]
    order = {"not scored": 0, "graded": 1, "missing": 2}
    rows = [_row(one) for one in sorted(exported, key=lambda one: order[one.status])]
    room = most_bytes - sum(len(line.encode()) + 1 for line in lines) - 200  # the last line's
    for number, row in enumerate(rows):
        room -= len(row.encode()) + 1
        if room < 0:
            left = len(rows) - number
            more = ngettext("{count} student more", "{count} students more", left)
            return "\n".join([*lines, "", more.format(count=left)]) + "\n"
        lines.append(row)
    return "\n".join(lines) + "\n"


def _row(one: Exported) -> str:
    penalty = f"−{points_text(one.late_penalty)}" if one.late_penalty else ""
    final = ""
    if one.score is not None:
        final = f"{points_text(one.score)} / {points_text(one.max_score)}"
    cells = [
        _STATUS[one.status],
        _cell(one.student),
        *(points_text(part.score) for part in one.exercises),
        penalty,
        final,
    ]
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    """``text`` as text: no Markdown, no HTML, and nobody is called by an @ in it."""
    return escape.markdown(text).replace("@", "&#64;")
