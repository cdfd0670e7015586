"""The class as a table: the page's, which can be sorted and filtered, and the one in class.csv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder import escape
from autograder.messages import _, ngettext
from autograder.outputs.class_line import Concern, Line
from autograder.outputs.class_numbers import all_checks
from autograder.spec import AssignmentSpec

_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else, and Chinese names break
_HOUR = 60 * 60


def student_table(
    lines: Sequence[Line], spec: AssignmentSpec, student: Callable[[Line], dict[str, Any]]
) -> dict[str, Any]:
    """Heads, rows and filters of the page's table; ``student`` gives name and links."""
    names = sorted({one.name for line in lines for one in line.misconceptions})
    numbers = {name: number for number, name in enumerate(names)}
    return {
        "heads": [
            {"text": _("student"), "more": "", "numeric": False},
            {"text": _("score"), "more": str(spec.points), "numeric": True},
            *(
                {"text": one.name, "more": str(one.points), "numeric": True}
                for one in spec.exercises
            ),
            {"text": _("late"), "more": "", "numeric": True},
            {"text": _("misconceptions"), "more": "", "numeric": False},
            {"text": _("needs a person"), "more": "", "numeric": False},
        ],
        "rows": [{**student(line), **_row(line, numbers)} for line in lines],
        "exercises": [one.title for one in spec.exercises],
        "misconceptions": names,
        "words": {
            "find": _("Find a student"),
            "lost": _("Lost points in"),
            "shows": _("Misconception"),
            "any_exercise": _("all"),
            "any_misconception": _("all"),
            "needed": _("needs a person"),
            "shown": _("students shown"),
            "none": _("Nobody is left: take a filter away."),
            "caption": _("A click on a head sorts by it, another one turns it round."),
        },
    }


def _row(line: Line, numbers: dict[str, int]) -> dict[str, Any]:
    exercises = [_cell(score) for score, _most in line.exercises]
    return {
        "score": _cell(line.score),
        "exercises": exercises,
        "late": {"text": late_text(line), "value": line.late_seconds},
        "misconceptions": ", ".join(one.name for one in line.misconceptions),
        "troubles": ", ".join(dict.fromkeys(_short(one.concern) for one in line.troubles)),
        "lost": " ".join(
            str(number)
            for number, (score, most) in enumerate(line.exercises)
            if score is not None and score < most
        ),
        "shows": " ".join(str(numbers[one.name]) for one in line.misconceptions),
    }


def _cell(score: int | None) -> dict[str, Any]:
    """A score as it is shown and as it is sorted by: none at all is less than zero."""
    return {"text": "–" if score is None else str(score), "value": -1 if score is None else score}


def _short(concern: Concern) -> str:
    return {
        Concern.NO_SCORE: _("no score"),
        Concern.OLDER: _("score of an earlier file"),
        Concern.WAITING: _("fewer points wait"),
        Concern.FLAGGED: _("flagged"),
        Concern.TIME: _("time not known"),
    }[concern]


def late_text(line: Line) -> str:
    """``1 d 2 h, −10``: how late and what that costs; nothing where it is in time."""
    if not line.late_seconds:
        return ""
    days, hours = divmod(line.late_seconds // _HOUR, 24)
    said = _("{days} d {hours} h").format(days=days, hours=hours)
    if line.late_seconds < _HOUR:
        minutes = max(1, line.late_seconds // 60)
        said = ngettext("{count} min", "{count} min", minutes).format(count=minutes)
    if line.late_penalty:
        said += f", −{line.late_penalty:g}"
    return said


def class_csv(lines: Sequence[Line], spec: AssignmentSpec) -> bytes:
    """Everything behind the page, a line for each student, as UTF-8 that Excel reads.

    Names of columns are for programs and stay as they are in every language. A check's cell holds
    its outcome, and nothing where that submission was not asked it.
    """
    checks = [check.name for check in all_checks(lines)]
    heads = [
        "student",
        "score",
        "max_score",
        "late_penalty",
        "late_seconds",
        "submitted_at",
        "file",
        "duration_seconds",
        "misconceptions",
        "needs_a_person",
        "remarks",
        *(exercise.name for exercise in spec.exercises),
        *checks,
    ]
    rows: list[list[object]] = [list(heads)]
    for line in lines:
        outcomes = {
            check.name: outcome.value
            for check, outcome in zip(line.asked, line.outcomes, strict=True)
        }
        rows.append(
            [
                line.student,
                line.score,
                line.max_score,
                line.late_penalty,
                line.late_seconds,
                line.submitted_at,
                line.file,
                round(line.seconds, 3),
                "; ".join(one.name for one in line.misconceptions),
                "; ".join(one.text for one in line.troubles),
                "; ".join(" ".join(one.split()) for one in line.remarks),  # each in one line
                *(score for score, _most in line.exercises),
                *(outcomes.get(name) for name in checks),
            ]
        )
    return (_BOM + escape.csv_rows(rows)).encode()
