"""What a student reads after a check: the first failure whole, the rest in a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder import escape
from autograder.errors import StudentFailure
from autograder.grading.collect import Check
from autograder.grading.session import Verdict
from autograder.messages import _, ngettext
from autograder.report import Outcome
from autograder.student.practice import points
from autograder.student.released import Released

_SHOWN_PROBLEMS = 3
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.ERRORED: "?"}


def render(
    released: Released,
    file: str,
    problems: Sequence[str],
    verdicts: Sequence[tuple[Check, Verdict]],
) -> str:
    """The whole text, plain; the first line names what was checked."""
    lines = [escape.one_line(f"{released.title} · {file}"), ""]
    failed = [pair for pair in verdicts if pair[1].outcome is not Outcome.PASSED]
    if failed:
        lines += [*_first(*failed[0]), ""]
    lines += [*_problems(problems), *_by_exercise(released, verdicts), ""]
    lines += _closing(released, verdicts)
    return "\n".join(lines)


def _first(check: Check, verdict: Verdict) -> Iterator[str]:
    """The first failure: what was expected and got side by side, where, and the hint."""
    yield f"{_MARKS[verdict.outcome]} {escape.one_line(check.info.title)}"
    for line in failure_text(verdict).splitlines():
        yield f"    {line}"
    yield "    " + _("hint: {hint}").format(hint=escape.one_line(check.info.hint))


def failure_text(verdict: Verdict) -> str:
    """Why a visible check failed, in the student's terms, and fit to be shown."""
    error = verdict.error
    if verdict.outcome is Outcome.ERRORED:
        return _("this check itself broke: {error}\n  fix: tell your instructor").format(
            error=escape.lines(f"{type(error).__name__}: {error}")
        )
    text = str(error) or _("the answer is not the expected one")
    if isinstance(error, StudentFailure) and error.detail:
        text += "\n" + error.detail
    return escape.lines(text)


def _problems(problems: Sequence[str]) -> Iterator[str]:
    """Statements that did not run, but for stubs still to be filled in."""
    news = [text for text in problems if not text.endswith(": NotImplementedError")]
    if news:
        yield _("did not run:")
        yield from (f"    {escape.lines(text)}" for text in news[:_SHOWN_PROBLEMS])
        if len(news) > _SHOWN_PROBLEMS:
            count = len(news) - _SHOWN_PROBLEMS
            yield "    " + ngettext("and {count} more", "and {count} more", count).format(
                count=count
            )
        yield ""


def _by_exercise(released: Released, verdicts: Sequence[tuple[Check, Verdict]]) -> Iterator[str]:
    width = max(len(exercise.name) for exercise in released.exercises)
    for exercise in released.exercises:
        own = [pair for pair in verdicts if pair[0].info.exercise == exercise.name]
        if not own:
            continue
        most = sum(check.info.points for check, _verdict in own)
        yield f"{exercise.name:<{width}}  " + _("{points:>3} of {most:>2} shown here").format(
            points=points(own), most=most
        )
        for check, verdict in own:
            yield f"    {_MARKS[verdict.outcome]} {escape.one_line(check.info.title)}"


def _closing(released: Released, verdicts: Sequence[tuple[Check, Verdict]]) -> Iterator[str]:
    most = sum(check.info.points for check, _verdict in verdicts)
    yield _("{points} points; at most {most} of {all} shown here").format(
        points=points(verdicts), most=most, all=released.spec.points
    )
    yield hidden_note(released)


def hidden_note(released: Released) -> str:
    """That hidden checks exist, so that nobody is surprised by them later."""
    count = released.hidden_checks.count
    return ngettext(
        "{count} hidden check is not run here", "{count} hidden checks are not run here", count
    ).format(count=count)
