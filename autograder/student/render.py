"""What a student reads after a check, line by line: the first failure whole, the rest short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder import escape
from autograder.messages import _
from autograder.student.grids import picture_lines, sentence_of
from autograder.student.screen import Line, Screen, Span, fitted, line
from autograder.student.view import ExerciseShown, Failure, Shown, State

_MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.ERRORED: "?", State.NOT_BEGUN: "·"}
_STYLES = {State.PASSED: "green", State.FAILED: "red", State.ERRORED: "yellow"}
_INDENT = "    "


def render(shown: Shown, screen: Screen) -> list[Line]:
    """The whole text for ``screen``; its first line names what was checked."""
    lines = [line(escape.one_line(shown.heading), "bold")]
    lines += [line(escape.one_line(shown.about), "yellow")] if shown.about else []
    lines.append(line(""))
    for part in (
        _problems(shown.problems),
        _failure(shown.failure, screen) if shown.failure else (),
        _printed(shown.printed, _("your file printed:")),
        _exercises(shown.exercises),
        _closing(shown),
    ):
        made = list(part)
        lines += [*made, line("")] if made else []
    return fitted(lines[:-1], screen)


def _problems(problems: Sequence[str]) -> Iterator[Line]:
    """Statements that did not run."""
    if problems:
        yield _marked(State.FAILED, _("did not run:"), "bold")
        yield from _indented("\n".join(problems))


def _failure(failure: Failure, screen: Screen) -> Iterator[Line]:
    """The first failure: what was expected and got side by side, where, and the hints."""
    yield _marked(failure.state, failure.title, "bold")
    yield from _indented(failure.text)
    if failure.picture is not None:
        yield from picture_lines(failure.picture, failure.inputs, screen)
        if sentence := sentence_of(failure.picture):
            yield line(_INDENT + escape.one_line(sentence))
    yield from ((Span(_INDENT), *one) for one in _printed(failure.printed, _("your code printed:")))
    for hint in failure.hints:
        text = _("hint: {hint}").format(hint=escape.one_line(hint))
        yield line(_INDENT + text, "cyan")
    if failure.more_hints:
        yield line(_INDENT + escape.one_line(failure.more_hints), "dim")


def _printed(text: str, title: str) -> Iterator[Line]:
    if text:
        yield line(title)
        # A bar before each line: what the code says is not to be taken for what we say.
        for one in text.split("\n"):
            yield (Span(_INDENT + "| ", "dim"), Span(escape.lines(one).rstrip()))


def _indented(text: str) -> Iterator[Line]:
    yield from (line(_INDENT + one) for one in escape.lines(text).split("\n"))


def _marked(state: State, text: str, style: str = "") -> Line:
    return (Span(f"{_MARKS[state]} ", _STYLES.get(state, "")), Span(escape.one_line(text), style))


def _exercises(exercises: Sequence[ExerciseShown]) -> Iterator[Line]:
    width = max((len(one.name) for one in exercises), default=0)
    for exercise in exercises:
        name = escape.one_line(f"{exercise.name:<{width}}")
        earned = _("{points:>3} of {most:>2} shown here").format(
            points=exercise.points, most=exercise.most
        )
        if exercise.state is State.NOT_BEGUN:
            why = escape.one_line(exercise.why)
            yield line(f"{name}  {earned}  " + _("not begun yet: {why}").format(why=why))
            if not exercise.points:
                continue
        else:
            yield line(f"{name}  {earned}")
        for state, title in exercise.checks:
            mark, *rest = _marked(state, title)
            yield (Span(_INDENT + mark.text, mark.style), *rest)


def _closing(shown: Shown) -> Iterator[Line]:
    yield from (line(escape.one_line(text), "green") for text in shown.news)
    if shown.done:
        yield line(escape.one_line(shown.done), "bold")
    yield line(escape.one_line(shown.total))
    yield from (line(escape.one_line(text)) for text in shown.notes)
