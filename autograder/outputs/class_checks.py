"""The checks of a class in words: how many pass each, what that tells, what is failed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.messages import _, ngettext
from autograder.outputs import class_charts
from autograder.outputs.class_numbers import (
    ENOUGH,
    WEAK,
    CheckNumbers,
    Pair,
    Weakness,
)
from autograder.outputs.class_view import ClassView, percent
from autograder.report import Visibility

_SHOWN_PAIRS = 25


def check_words(view: ClassView, checks: Sequence[CheckNumbers]) -> dict[str, Any]:
    """The table of the checks, what stands before it, and which to look at."""
    begun = sum(line.has_begun for line in view.lines)
    rest = len(view.lines) - begun
    text = ngettext(
        "Of the submissions that pass at least one check ({count}); {rest} passes none and is "
        "left out.",
        "Of the submissions that pass at least one check ({count}); {rest} pass none and are "
        "left out.",
        rest,
    )
    said = [text.format(count=begun, rest=rest)]
    if begun < ENOUGH:
        said.append(
            _("Weak checks are pointed out from {enough} such submissions on.").format(
                enough=ENOUGH
            )
        )
    said.append(
        _(
            "Discrimination is how passing a check goes with the rest of the score, from −1 to 1 "
            "(point-biserial, the check's own points left out); below {weak} a check tells little "
            "of who can do it. Expect most to pass a visible check: they can run it themselves."
        ).format(weak=WEAK)
    )
    titles = {one.name: one.title for one in view.spec.exercises}
    exercises = []
    for name in dict.fromkeys(one.check.exercise for one in checks):
        rows = [_check(one) for one in checks if one.check.exercise == name]
        exercises.append({"title": titles.get(name, name), "rows": rows})
    weak = sum(one.weakness is not None for one in checks)
    look = ngettext(
        "{count} check to look at, marked below", "{count} checks to look at, marked below", weak
    )
    return {
        "said": said,
        "weak": look.format(count=weak) if weak else "",
        "exercises": exercises,
    }


def _check(numbers: CheckNumbers) -> dict[str, Any]:
    check, share, worth = numbers.check, numbers.share, numbers.discrimination
    is_hidden = check.visibility is Visibility.HIDDEN
    flags = [_weakness(numbers.weakness)] if numbers.weakness else []
    if check.void:
        flags.append(_("void: everybody has its points"))
    return {
        "number": numbers.number,
        "title": check.title,
        "name": check.name,
        "source": _("hidden") if is_hidden else _("visible"),
        "points": check.max_score,
        "percent": 0 if share is None else round(100 * share),
        "share": "–" if share is None else percent(share),
        "discrimination": "–" if worth is None else f"{worth:.2f}".replace("-", "−"),
        "flag": "; ".join(flags),
    }


def _weakness(weakness: Weakness) -> str:
    return {
        Weakness.NEARLY_ALL_PASS: _("nearly all pass"),
        Weakness.NEARLY_NOBODY_PASSES: _("nearly nobody passes"),
        Weakness.TURNED_ROUND: _("the better ones fail it"),
        Weakness.WEAK: _("tells little"),
    }[weakness]


def _legend(view: ClassView, checks: Sequence[CheckNumbers]) -> list[str]:
    """Which numbers are whose: ``1–13 Cross-correlation``."""
    titles = {one.name: one.title for one in view.spec.exercises}
    said = []
    for name in dict.fromkeys(one.check.exercise for one in checks):
        own = [one.number for one in checks if one.check.exercise == name]
        numbers = f"{own[0]}–{own[-1]}" if len(own) > 1 else f"{own[0]}"
        said.append(f"{numbers} {titles.get(name, name)}")
    return said


def together_words(
    view: ClassView, pairs: Sequence[Pair], checks: Sequence[CheckNumbers]
) -> dict[str, Any]:
    """The map of what is failed together, and its strongest pairs as a table."""
    titles = {one.number: one.check.title for one in checks}
    # Two who fail the same may be chance; a pair of one is none.
    ranked = sorted(
        (pair for pair in pairs if pair.both > 1), key=lambda pair: (-pair.share, -pair.both)
    )
    if not ranked:
        said = _("No two checks are failed by the same two students.")
        return {"said": said, "chart": "", "legend": [], "pairs": [], "pairs_title": ""}
    shown = ranked[:_SHOWN_PAIRS]
    title = ngettext("The strongest pair", "The {count} strongest pairs", len(shown))
    name = _(
        "Map of {checks} checks: for each two, how many of those who fail one of them fail both"
    ).format(checks=len(checks))
    return {
        "said": _(
            "The stronger the colour, the more of those who fail one of the two checks fail both, "
            "mostly by one and the same mistake. The numbers are those of the checks above."
        ),
        "chart": class_charts.together_chart(ranked, len(checks), name),
        "legend": _legend(view, checks),
        "pairs_title": title.format(count=len(shown)),
        "pairs": [
            {
                "titles": [
                    _("{number}. {title}").format(number=number, title=titles[number])
                    for number in (pair.first, pair.second)
                ],
                "share": percent(pair.share),
                "both": pair.both,
                "either": pair.either,
            }
            for pair in shown
        ],
    }
