"""The instructor's page of a class: who needs a person, what was misunderstood, which checks tell.

One file that opens anywhere and loads nothing. The numbers are `class_numbers`', the pictures
`class_charts`'; here and in the modules beside it they become words, which the template escapes.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from autograder.messages import _, ngettext
from autograder.outputs import class_charts
from autograder.outputs.class_checks import check_words, together_words
from autograder.outputs.class_needed import needed_words
from autograder.outputs.class_numbers import (
    ScoreNumbers,
    Shown,
    check_numbers,
    failed_together,
    misconceptions_shown,
    score_bars,
    score_numbers,
    time_bars,
)
from autograder.outputs.class_table import student_table
from autograder.outputs.class_view import SHOWN_NAMES, ClassView, links, percent
from autograder.outputs.template import markup, page_template

TEMPLATE = "class_page.html.j2"
SCRIPT = "class_page.js.j2"
_SHOWN_SLOWEST = 5


def class_page(view: ClassView, language: str = "en") -> str:
    """The page as HTML."""
    script = str(page_template(SCRIPT).render())
    checks = check_numbers(view.lines)
    return str(
        page_template(TEMPLATE).render(
            language=language,
            spec=view.spec,
            words=_words(),
            script=markup(script),
            script_hash=markup(_hash(script)),
            class_size=_class_size(view),
            only=_only(view),
            needed=needed_words(view),
            scores=_scores(view),
            checks=check_words(view, checks),
            misconceptions=[_misconception(one, view) for one in misconceptions_shown(view.lines)],
            together=together_words(view, failed_together(view.lines), checks),
            times=_times(view),
            students=student_table(view.lines, view.spec, lambda line: links(line.student, view)),
        )
    )


def _hash(script: str) -> str:
    """As a content security policy names the one script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _words() -> dict[str, str]:
    return {
        "needed": _("What needs a person"),
        "scores": _("Scores"),
        "checks": _("Checks"),
        "misconceptions": _("What was misunderstood"),
        "together": _("What is failed together"),
        "times": _("Time that grading took"),
        "students": _("Students"),
        "contents": _("Contents"),
        "report": _("report"),
        "more": _("more"),
        "detail": _("detail"),
        "numbers": _("The numbers of this picture"),
        "points": _("points"),
        "submissions": _("submissions"),
        "seconds": _("seconds"),
        "number": _("no."),
        "check": _("check"),
        "source": _("source"),
        "pass": _("pass"),
        "discrimination": _("discrimination"),
        "weak": _("look at it"),
        "share": _("both, of those who fail one"),
        "both": _("fail both"),
        "either": _("fail one at least"),
        "pair": _("the two checks"),
        "nothing_named": _("No mistake was recognised by name."),
        "slowest": _("The slowest:"),
        "csv": _("everything behind this page, a line for each student: class.csv"),
        "footnote": _(
            "Automatic results, before what being late costs; what people gave or took by hand "
            "stands in the gradebook alone. For instructors: it names students and hidden checks."
        ),
    }


def _class_size(view: ClassView) -> str:
    return ngettext("{count} student", "{count} students", len(view.lines)).format(
        count=len(view.lines)
    )


def _only(view: ClassView) -> str:
    if not view.only:
        return ""
    return _(
        "The last run graded only {students}. All others are here as their reports say; notices "
        "about their files come again when the whole class is graded."
    ).format(students=", ".join(view.only))


# --- scores and times ---------------------------------------------------------------------------


def _scores(view: ClassView) -> dict[str, Any]:
    numbers = score_numbers(view.lines)
    if numbers is None:
        return {"said": _("Nobody has a score yet."), "chart": "", "bars": [], "numbers": []}
    bars = score_bars(view.lines, view.spec.points)
    name = _(
        "Histogram of {count} scores out of {points}: mean {mean:.1f}, median {median:g}, the "
        "middle half from {lower:g} to {upper:g}"
    ).format(
        count=numbers.count,
        points=view.spec.points,
        mean=numbers.mean,
        median=numbers.median,
        lower=numbers.lower_quartile,
        upper=numbers.upper_quartile,
    )
    return {
        "said": "",
        "numbers": _score_words(numbers),
        "chart": class_charts.score_chart(bars, name),
        "bars": [
            (f"{bar.low:g}" if bar.low == bar.high else f"{bar.low:g}–{bar.high:g}", bar.count)
            for bar in bars
        ],
    }


def _score_words(numbers: ScoreNumbers) -> list[tuple[str, str]]:
    return [
        (_("with a score"), f"{numbers.count}"),
        (_("mean"), f"{numbers.mean:.1f}"),
        (_("lowest"), f"{numbers.lowest}"),
        (_("lower quartile"), f"{numbers.lower_quartile:g}"),
        (_("median"), f"{numbers.median:g}"),
        (_("upper quartile"), f"{numbers.upper_quartile:g}"),
        (_("highest"), f"{numbers.highest}"),
        (_("with full marks"), f"{numbers.full}"),
        (_("with 0 points"), f"{numbers.zero}"),
    ]


def _times(view: ClassView) -> dict[str, Any]:
    bars = time_bars(view.lines)
    slowest = sorted(view.lines, key=lambda line: (-line.seconds, line.student))[:_SHOWN_SLOWEST]
    if not bars:
        return {"said": _("Nothing was run."), "chart": "", "bars": [], "slowest": []}
    name = _("Histogram of the seconds that grading one submission took, up to {most:.1f}").format(
        most=slowest[0].seconds
    )
    return {
        "said": "",
        "chart": class_charts.time_chart(bars, name),
        "bars": [(class_charts.seconds_range(bar), bar.count) for bar in bars],
        "slowest": [
            {
                **links(line.student, view),
                "text": _("{seconds:.2f} s").format(seconds=line.seconds),
            }
            for line in slowest
        ],
    }


# --- misconceptions ------------------------------------------------------------------------------


def _misconception(shown: Shown, view: ClassView) -> dict[str, Any]:
    count, most = len(shown.students), len(view.lines)
    students = [links(student, view) for student in shown.students]
    text = ngettext("{count} student, {share}", "{count} students, {share}", count)
    return {
        "name": shown.misconception.name,
        "said": text.format(count=count, share=percent(count / most)),
        "percent": round(100 * count / most),
        "sentence": shown.misconception.to_instructor,
        "shown": students[:SHOWN_NAMES],
        "folded": students[SHOWN_NAMES:],
    }
