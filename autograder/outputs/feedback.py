"""What a student reads about one exercise in an issue or comment on GitHub: Markdown, in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder import escape
from autograder.messages import _
from autograder.outputs.github_markdown import code_block, github_text
from autograder.outputs.pictures import DrawnCell, DrawnGrid, picture_of
from autograder.outputs.told import Told, carried_text, passed_text, told_of
from autograder.report import MisconceptionView, Outcome, StudentView
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec

MOST_PICTURES = 12  # of an issue
_LARGEST_TABLE = 8  # rows, and columns; a larger grid is for the page
_LONGEST_MESSAGE = 800  # characters, as on the page


def feedback_on(
    exercise: ExerciseView, view: StudentView, spec: AssignmentSpec, pictures: Iterator[int]
) -> list[str]:
    """Blocks of Markdown on the checks of ``exercise``, each whole by itself.

    Args:
        exercise: One of ``view``.
        view: All that its student may see of the report.
        spec: The assignment, with titles as students read them.
        pictures: Gives a number for each picture that there is still room for.
    """
    told = told_of(exercise.checks)
    named = {check.misconception for check in told.lost}
    blocks = [
        block
        for one in view.misconceptions
        if one.name in named
        for block in _mistake(one, view, exercise, spec)
    ]
    for check in told.whole:
        blocks += _check(check, spec, bool(told.alike), pictures)
    blocks += [_void(check) for check in exercise.checks if check.void]
    blocks += _counts(told, exercise.checks)
    return blocks


def _mistake(
    one: MisconceptionView, view: StudentView, exercise: ExerciseView, spec: AssignmentSpec
) -> list[str]:
    """A named mistake; where an exercise above has told of it already, only that."""
    for other in view.exercises:
        if other is exercise:
            break
        if any(check.misconception == one.name and not check.void for check in other.checks):
            return [_("The same mistake as in:") + f" {github_text(exercise_title(other, spec))}"]
    said = [f"**{github_text(one.sentence)}**"] if one.sentence else []
    if one.read_on:
        said.append(_("Read on") + f": {github_text(one.read_on)}")
    return said


def _check(
    check: CheckView, spec: AssignmentSpec, is_explained: bool, pictures: Iterator[int]
) -> list[str]:
    """One block: the check, what it said, how it looks, and a hint."""
    state = _("not begun yet")
    if check.outcome is Outcome.ERRORED:
        state = _("not scored: the fault is ours")
    elif check.is_begun:
        state = _("not yet right")
    kind = _("hidden check") if check.hidden else _("visible check")
    points = "–" if check.score is None else check.score
    parts = [f"#### {github_text(check.title)}", f"{state} · {kind} · {points} / {check.max_score}"]
    tables = _tables(check, spec, pictures)
    # The first line says what differs; the numbers below it are in the tables.
    message = check.message.partition("\n")[0] if tables else check.message
    if message:
        parts.append(code_block(message, _LONGEST_MESSAGE))
    parts += tables
    if check.hint:
        word = _("Hint, if it still fails once that is put right") if is_explained else _("Hint")
        parts.append(f"**{word if check.hidden else _('Hint')}:** {github_text(check.hint)}")
    return ["\n\n".join(parts)]


def _tables(check: CheckView, spec: AssignmentSpec, pictures: Iterator[int]) -> list[str]:
    """The picture of a check as tables; none where it is too large, or there are enough."""
    if check.drawing is None:
        return []
    names = spec.tensors.get(check.drawing.function, ())
    grids = picture_of(check.drawing, names=names).grids
    # Not the difference: tables stand below each other, and what is wrong is bold.
    shown = [grid for grid in grids[: len(check.drawing.inputs[:2]) + 2] if _is_small(grid)]
    if not any(cell.mark for grid in shown for row in grid.rows for cell in row):
        return []  # what is wrong cannot be seen
    return [_table(grid) for grid in shown] if next(pictures, None) is not None else []


def _is_small(grid: DrawnGrid) -> bool:
    sizes = (len(grid.rows), *map(len, grid.rows))
    return not grid.is_cut and len(sizes) > 1 and all(1 <= n <= _LARGEST_TABLE for n in sizes)


def _table(grid: DrawnGrid) -> str:
    """A grid as a table under its caption; what is wrong is bold."""
    width = max(map(len, grid.rows))
    rows = [
        [""] * width,  # GitHub wants a head
        [":-:"] * width,
        *([_cell(cell) for cell in row] for row in grid.rows),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return f"{github_text(grid.caption)} ({grid.shape})\n\n" + "\n".join(lines)


def _cell(cell: DrawnCell) -> str:
    text = escape.markdown(cell.text)
    return f"**{text}**" if cell.mark else text


def _void(check: CheckView) -> str:
    why = _("found wrong by us, so everybody has its points")
    return f"- {github_text(check.title)}: {why}"


def _counts(told: Told, checks: Sequence[CheckView]) -> list[str]:
    """A line each on the checks of which there is no more to say."""
    passed = sum(not check.void for check in told.passed)  # what is void has been told of
    said = [text for kind, text in told.in_short if kind is not told.passed]
    said += [passed_text(passed)] if passed else []
    said += [text] if (text := carried_text(checks)) else []
    return ["\n".join(f"- {one}" for one in said)] if said else []


def exercise_title(exercise: ExerciseView, spec: AssignmentSpec) -> str:
    """Its title as students read it; its name where the assignment has no such exercise."""
    titles = {one.name: one.title for one in spec.exercises}
    return titles.get(exercise.name, exercise.name)
