"""A replayed check for its student: what was repeated and whether it held, and no hidden value."""

from __future__ import annotations

from collections.abc import Iterator

from autograder import escape
from autograder.grading.replay import ReplayView
from autograder.messages import _
from autograder.report import Outcome
from autograder.report.student_view import CheckView


def replay_note(view: ReplayView) -> str:
    """The note, a file of Markdown."""
    then, now = view.then, view.now
    lines = [
        "# " + _("Repeated: {title}").format(title=escape.markdown(then.title)),
        "",
        _("For {student}, {assignment}.").format(
            student=escape.markdown(view.student), assignment=escape.markdown(view.assignment)
        ),
        "",
        _confirmed(view.confirmed),
        "",
        _("- When it was graded, {when}: {what}").format(
            when=escape.markdown(view.graded_at), what=_came_to(then)
        ),
        _("- When it was repeated, {when}: {what}").format(
            when=escape.markdown(view.replayed_at), what=_came_to(now)
        ),
        _(
            "- {file} was run again from its first line, the same bytes (SHA-256 {sha256}), with "
            "the same checks in the same order, the same inputs and the same version of torch."
        ).format(file=escape.markdown(view.file), sha256=escape.markdown(view.sha256)),
        *_help(view),
        "",
        _not_said(then),
    ]
    return "\n".join(lines) + "\n"


def _confirmed(confirmed: bool) -> str:
    if confirmed:
        return _("**The result is confirmed**: this check came out as it did before.")
    return _(
        "**The result is not confirmed**: this check came out differently. Your instructor "
        "decides what counts."
    )


def _came_to(check: CheckView) -> str:
    said = {
        Outcome.PASSED: _("passed"),
        Outcome.FAILED: _("failed"),
        Outcome.ERRORED: _("broke on the grading side, which costs you nothing"),
    }[check.outcome]
    if check.score is not None:
        said = _("{outcome}, {score} of {max_score} points").format(
            outcome=said, score=check.score, max_score=check.max_score
        )
    if check.carried_forward:
        said += ", " + _("with a right function in the place of yours")
    why = check.message.partition("\n")[0]
    return said + (f" ({escape.markdown(why)})" if why else "")


def _help(view: ReplayView) -> Iterator[str]:
    if view.misconception is not None:
        yield _("- What the answers look like: {sentence}").format(
            sentence=escape.markdown(view.misconception.sentence)
        )
        yield _("- Read on: {place}").format(place=escape.markdown(view.misconception.read_on))
    if view.then.hint:
        yield _("- Hint: {hint}").format(hint=escape.markdown(view.then.hint))


def _not_said(check: CheckView) -> str:
    if check.hidden:
        return _(
            "This check is hidden: neither its inputs nor the expected values are in this note. "
            "Your instructor has seen them beside what your code answered."
        )
    return _("You have this check: `autograder check` runs it, and shows what was expected.")
