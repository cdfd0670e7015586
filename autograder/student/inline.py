"""The same as HTML for a notebook: plain, everything escaped, with nothing to be switched off.

Styles stand at each element, as Jupyter takes ``<style>`` and scripts out of what it does not
trust. Text and background come together, so that it reads the same in light and dark themes.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder import escape
from autograder.messages import _
from autograder.outputs.pictures import DrawnCell, DrawnGrid
from autograder.student.shades import INK, PAPER, shade
from autograder.student.view import ExerciseShown, Failure, Shown, State

_MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.ERRORED: "?", State.NOT_BEGUN: "·"}
_COLOURS = {State.PASSED: "#0a5c36", State.FAILED: "#8f2d00"}
_SOFT = "#57606a"
_MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px"
_BORDERS = {"wrong": f"2px dashed {INK}", "window": f"2px solid {INK}"}
_BORDER = "1px solid #d0d7de"


def inline_html(shown: Shown) -> str:
    """``shown`` as one element."""
    parts = [_paragraph(shown.heading, "font-weight:700")]
    if shown.failure is not None:
        parts += _failure(shown.failure)
    parts += [part for exercise in shown.exercises for part in _exercise(exercise)]
    parts += [_paragraph(text, f"color:{_SOFT}") for text in (shown.total, *shown.notes)]
    style = (
        f"background-color:{PAPER};color:{INK};border:{_BORDER};border-radius:6px;padding:8px 14px;"
        "max-width:860px;font-family:system-ui,sans-serif;font-size:14px;line-height:1.5"
    )
    return f'<div style="{style}">{"".join(parts)}</div>'


def _failure(failure: Failure) -> Iterator[str]:
    yield _marked(failure.state, failure.title, "font-weight:700")
    yield _preformatted(failure.text)
    if failure.picture is not None:
        yield f"<div>{''.join(map(_grid, failure.picture.grids))}</div>"
        if failure.picture.sentence:
            yield _paragraph(failure.picture.sentence)
    if failure.printed:
        yield _paragraph(_("your code printed:"))
        yield _preformatted(failure.printed, f"border-left:3px solid {_SOFT};padding-left:8px")
    for hint in failure.hints:
        yield _paragraph(_("hint: {hint}").format(hint=hint), "border-left:3px solid #d95f02;")
    if failure.more_hints:
        yield _paragraph(failure.more_hints, f"color:{_SOFT}")


def _exercise(exercise: ExerciseShown) -> Iterator[str]:
    earned = _("{points:>3} of {most:>2} shown here").format(
        points=exercise.points, most=exercise.most
    )
    yield _paragraph(f"{exercise.name}: {' '.join(earned.split())}", "font-weight:700")
    if exercise.state is State.NOT_BEGUN:
        yield _paragraph(_("not begun yet: {why}").format(why=exercise.why))
    for state, title in exercise.checks:
        yield _marked(state, title)


def _grid(grid: DrawnGrid) -> str:
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in grid.rows)
    caption = f"{grid.caption} ({grid.shape})" + (" …" if grid.is_cut else "")
    shown = escape.html_text(caption)
    return (
        '<div style="display:inline-block;vertical-align:top;margin:4px 16px 8px 0">'
        f'<div style="font-size:12px;color:{_SOFT}">{shown}</div>'
        f'<table aria-label="{escape.html_attribute(caption)}" '
        f'style="border-collapse:collapse;margin:0;{_MONO}"><tbody>{rows}</tbody></table></div>'
    )


def _cell(cell: DrawnCell) -> str:
    border = _BORDERS.get(cell.mark, _BORDER)
    weight = ";font-weight:700" if cell.mark else ""
    style = (
        f"background-color:{shade(cell.strength)};color:{INK};border:{border};"
        f"padding:4px 6px;text-align:right{weight}"
    )
    return f'<td style="{style}">{escape.html_text(cell.text)}</td>'


def _marked(state: State, text: str, style: str = "") -> str:
    mark = (
        f'<span style="color:{_COLOURS.get(state, _SOFT)};font-weight:700">{_MARKS[state]}</span>'
    )
    return f'<div style="margin:2px 0;{style}">{mark} {escape.html_text(text)}</div>'


def _paragraph(text: str, style: str = "") -> str:
    inside = ";padding-left:8px" if "border-left" in style else ""
    return f'<div style="margin:4px 0;{style}{inside}">{escape.html_text(text)}</div>'


def _preformatted(text: str, style: str = "") -> str:
    return (
        f'<div style="white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0;{_MONO};{style}">'
        f"{escape.html_text(text)}</div>"
    )
