"""The student's page: one file that opens anywhere, with what went wrong in it drawn."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder import escape
from autograder.messages import _, ngettext
from autograder.outputs.pictures import picture_of
from autograder.report import Outcome, StudentView
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec

TEMPLATE = "student_page.html.j2"


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
