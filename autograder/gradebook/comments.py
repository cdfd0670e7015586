"""What a student reads in nbgrader's feedback beside the code of an exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograder import escape
from autograder.messages import _, ngettext
from autograder.report import Outcome
from autograder.report.student_view import ExerciseView, MisconceptionView

_CHECKS_IN_A_COMMENT = 5


def comment_on(
    exercise: ExerciseView, title: str, misconceptions: Sequence[MisconceptionView] = ()
) -> str:
    """A few lines of Markdown for the student about one exercise.

    Where a mistake has a name, what it does comes first; ``misconceptions`` are the report's.
    Only the author's sentences, titles and hints, and those escaped: nbgrader's feedback turns a
    comment into HTML with every tag that is in it. A message may quote what the student's code
    said.
    """
    title = escape.markdown(title)
    if exercise.score is None and not exercise.checks:  # nothing of the file could be read
        return _(
            "**{title}**: not scored. There is no file here that can be read; ask your instructor."
        ).format(title=title)
    if exercise.score is None:
        return _(
            "**{title}**: not scored yet. The fault is on the grading side; your instructor "
            "has been told."
        ).format(title=title)
    first = _("**{title}**: {score} of {max_score} points").format(
        title=title, score=exercise.score, max_score=exercise.max_score
    )
    void = [(check.title, check.message) for check in exercise.checks if check.void]
    unexplained = [
        check
        for check in exercise.checks
        if check.outcome is Outcome.FAILED and not check.void and check.misconception is None
    ]
    lost = [(check.title, check.hint) for check in unexplained if check.is_begun]
    not_begun = len(unexplained) - len(lost)
    shown = Counter(check.misconception for check in exercise.checks)
    lines = [
        ngettext(
            "- {sentence} Read on: {place}. ({count} check fails by it.)",
            "- {sentence} Read on: {place}. ({count} checks fail by it.)",
            shown[one.name],
        ).format(
            sentence=escape.markdown(one.sentence),
            place=escape.markdown(one.read_on),
            count=shown[one.name],
        )
        for one in misconceptions
        if shown[one.name]
    ]
    if not_begun:
        lines.append(
            ngettext(
                "- Not begun yet: {count} check waits for it.",
                "- Not begun yet: {count} checks wait for it.",
                not_begun,
            ).format(count=not_begun)
        )
    lines += [
        "- " + " — ".join(escape.markdown(text) for text in texts if text)
        for texts in (*void, *lost[:_CHECKS_IN_A_COMMENT])
    ]
    if len(lost) > _CHECKS_IN_A_COMMENT:
        lines.append(_("- and {count} more").format(count=len(lost) - _CHECKS_IN_A_COMMENT))
    return "\n".join([first, "", *lines] if lines else [first])
