"""The student's page: one file that opens anywhere, with what went wrong in it drawn."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from autograder import escape
from autograder.messages import _, ngettext
from autograder.report import Drawing, Grid, Outcome, StudentView
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec

TEMPLATE = "student_page.html.j2"


class DrawnCell(msgspec.Struct, frozen=True):
    """One number of a drawn grid."""

    text: str
    strength: float = 0.0  # from -1 to 1: its share of the largest magnitude, with its sign
    mark: str = ""  # "wrong", or "window" for what a wrong number comes from


class DrawnGrid(msgspec.Struct, frozen=True):
    """A grid of numbers with a caption."""

    caption: str
    shape: str
    rows: tuple[tuple[DrawnCell, ...], ...]
    is_cut: bool


class Picture(msgspec.Struct, frozen=True):
    """Grids beside each other, and a sentence on where it first goes wrong."""

    grids: tuple[DrawnGrid, ...]
    sentence: str


def student_page(view: StudentView, spec: AssignmentSpec, language: str = "en") -> str:
    """The page on one submission as HTML; nothing in it is loaded from anywhere."""
    return str(
        _template().render(
            view=view,
            spec=spec,
            language=language,
            exercises=[_exercise(view, exercise, spec) for exercise in view.exercises],
            total=_total(view),
            late=_late(view),
            words=_words(),
        )
    )


@functools.cache
def _template() -> Any:
    import jinja2
    from markupsafe import Markup

    def safe(value: object) -> object:
        """What stands between two braces of the template, which is never inside of a tag."""
        return value if isinstance(value, Markup) else Markup(escape.html_text(value))

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, finalize=safe, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(TEMPLATE)


def _words() -> Mapping[str, str]:
    return {
        "passed": _("passed"),
        "failed": _("not yet right"),
        "errored": _("not scored: the fault is ours"),
        "void": _("does not count"),
        "hidden": _("hidden check"),
        "hint": _("Hint"),
        "read_on": _("Read on"),
        "points": _("points"),
        "remarks": _("About this submission"),
        "exercises": _("Exercises"),
        "carried": _("counted with a right answer in the place of what it builds on"),
        "cut": _("only a corner is shown"),
        "footnote": _(
            "Hidden checks try the same functions on other inputs. Of them you read what they are "
            "about and a hint, not their numbers."
        ),
        "automatic": _(
            "This is the automatic result. What your instructor gives or takes by hand is in the "
            "final grade."
        ),
    }


def _total(view: StudentView) -> str:
    if view.score is None:
        return _("not scored yet")
    return _("{score} of {max_score} points").format(score=view.score, max_score=view.max_score)


def _late(view: StudentView) -> str:
    if not view.late_penalty or view.score is None:
        return ""
    return _("Handed in late: {points:g} points are taken off, which leaves {left:g}.").format(
        points=view.late_penalty, left=max(0.0, view.score - view.late_penalty)
    )


def _exercise(view: StudentView, exercise: ExerciseView, spec: AssignmentSpec) -> dict[str, Any]:
    titles = {one.name: one.title for one in spec.exercises}
    named = {check.misconception for check in exercise.checks}
    carried = sum(check.carried_forward for check in exercise.checks)
    return {
        "name": exercise.name,
        "title": titles.get(exercise.name, exercise.name),
        "score": "–" if exercise.score is None else exercise.score,
        "max_score": exercise.max_score,
        "percent": round(100 * (exercise.score or 0) / (exercise.max_score or 1)),
        "misconceptions": [one for one in view.misconceptions if one.name in named],
        "checks": [_check(check, spec) for check in exercise.checks],
        "carried": ngettext(
            "{count} check was tried with a right answer in the place of what it builds on: one "
            "mistake costs its points once.",
            "{count} checks were tried with a right answer in the place of what they build on: "
            "one mistake costs its points once.",
            carried,
        ).format(count=carried)
        if carried
        else "",
    }


def _check(check: CheckView, spec: AssignmentSpec) -> dict[str, Any]:
    picture = None if check.drawing is None else picture_of(check.drawing, spec.windows)
    said = check.outcome is not Outcome.PASSED or check.void
    # The first line says what differs; the numbers below it are in the picture.
    message = check.message if picture is None else check.message.partition("\n")[0]
    return {
        "title": check.title,
        "hidden": check.hidden,
        "state": "void" if check.void else check.outcome.value,
        "score": "–" if check.score is None else check.score,
        "max_score": check.max_score,
        "message": message if said else "",
        "hint": check.hint,
        "picture": picture,
    }


# --- pictures -----------------------------------------------------------------------------------


def picture_of(drawing: Drawing, windows: Iterable[str] = ()) -> Picture:
    """Inputs, expected, got and their difference; what is wrong outlined.

    Where the function that was called is one of ``windows``, the window of its first argument that
    the first wrong number comes from is outlined, too.
    """
    expected, got = drawing.expected, drawing.got
    same_shape = expected.shape == got.shape
    wrong = set(_wrong(expected, got, drawing.tolerance)) if same_shape else set()
    first = min(wrong, default=None)
    window: set[tuple[int, int]] = set()
    sentence = ""
    if first is not None:
        row, column = first
        sentence = _("The first number that differs is in row {row}, column {column}.").format(
            row=row + 1, column=column + 1
        )
        shapes = [grid.shape for grid in drawing.inputs]
        if drawing.function in windows and [len(shape) for shape in shapes] == [2, 2]:
            height, width = shapes[1]
            window = {(row + a, column + b) for a in range(height) for b in range(width)}
            sentence += " " + _("It comes from the outlined window of the image.")
    elif not same_shape:
        sentence = _("The shapes differ: {expected} was expected, and it is {got}.").format(
            expected=_shape(expected), got=_shape(got)
        )
    largest = _largest((expected, got))
    names = ("X", "K")
    grids = [
        _drawn(
            _("{name}, given").format(name=names[number] if number < len(names) else number + 1),
            grid,
            _largest([grid]),
            dict.fromkeys(window, "window") if number == 0 else {},
        )
        for number, grid in enumerate(drawing.inputs[:2])
    ]
    grids.append(_drawn(_("expected"), expected, largest, {}))
    grids.append(_drawn(_("yours"), got, largest, dict.fromkeys(wrong, "wrong")))
    if same_shape and wrong:
        difference = _difference(expected, got)
        grids.append(_drawn(_("yours − expected"), difference, _largest([difference]), {}))
    return Picture(tuple(grids), sentence)


def _wrong(expected: Grid, got: Grid, tolerance: float) -> Iterable[tuple[int, int]]:
    for i, (right_row, row) in enumerate(zip(expected.rows, got.rows, strict=False)):
        for j, (right, value) in enumerate(zip(right_row, row, strict=False)):
            if not abs(_number(value) - _number(right)) <= tolerance:  # NaN is wrong, too
                yield i, j


def _difference(expected: Grid, got: Grid) -> Grid:
    rows = tuple(
        tuple(_number(value) - _number(right) for right, value in zip(a, b, strict=False))
        for a, b in zip(expected.rows, got.rows, strict=False)
    )
    return Grid(expected.shape, rows)


def _drawn(
    caption: str, grid: Grid, largest: float, marks: Mapping[tuple[int, int], str]
) -> DrawnGrid:
    rows = tuple(
        tuple(
            DrawnCell(_text(value), _strength(value, largest), marks.get((i, j), ""))
            for j, value in enumerate(row)
        )
        for i, row in enumerate(grid.rows)
    )
    shown = sum(len(row) for row in grid.rows)
    return DrawnGrid(caption, _shape(grid), rows, shown < math.prod(grid.shape))


def _text(value: float | str) -> str:
    number = _number(value)
    if not math.isfinite(number):
        return {"inf": "∞", "-inf": "−∞"}.get(str(number), "nan")
    rounded = f"{number + 0.0:.3g}"
    return ("0" if float(rounded) == 0 else rounded).replace("-", "−")


def _strength(value: float | str, largest: float) -> float:
    number = _number(value)
    if not math.isfinite(number) or largest == 0:
        return 0.0
    return round(max(-1.0, min(1.0, number / largest)), 2)


def _largest(grids: Iterable[Grid]) -> float:
    magnitudes = (abs(_number(value)) for grid in grids for row in grid.rows for value in row)
    return max((one for one in magnitudes if math.isfinite(one)), default=0.0)


def _number(value: float | str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _shape(grid: Grid) -> str:
    return " × ".join(map(str, grid.shape)) or _("a single number")
