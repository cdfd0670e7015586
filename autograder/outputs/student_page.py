"""The student's page: one file that opens anywhere, with what went wrong in it drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from autograder.messages import _
from autograder.outputs.curves import Plot, loss_plot, path_plot
from autograder.outputs.pictures import Picture, picture_of
from autograder.outputs.template import markup, page_template
from autograder.outputs.told import carried_text, told_of
from autograder.report import Drawing, MisconceptionView, Outcome, StudentView
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec

TEMPLATE = "student_page.html.j2"
_MOST_PICTURES = 12  # on a page, which is to stay small whatever is shown after the due date
_LONGEST_MESSAGE = 800  # characters; the rest is in the report


def student_page(
    view: StudentView, spec: AssignmentSpec, language: str = "en", after_due: bool = False
) -> str:
    """The page on one submission as HTML; nothing in it is loaded from anywhere."""
    return str(
        page_template(TEMPLATE).render(
            view=view,
            spec=spec,
            language=language,
            exercises=_exercises(view, spec),
            total=_total(view),
            notes=_notes(view),
            after_due=after_due,
            words=_words(),
        )
    )


def _words() -> Mapping[str, str]:
    return {
        "exercise": _("exercise"),
        "points": _("points"),
        "failed": _("not yet right"),
        "waiting": _("not begun yet"),
        "errored": _("not scored: the fault is ours"),
        "void": _("found wrong by us, so everybody has its points"),
        "hidden": _("hidden check"),
        "visible": _("visible check"),
        "hint": _("Hint"),
        "hint_after": _("Hint, if it still fails once that is put right"),
        "read_on": _("Read on"),
        "remarks": _("About this submission"),
        "empty": _("empty"),
        "cut": _("only a corner is shown"),
        "on_an_example": _("On an example from the text, this mistake makes:"),
        "right": _("right"),
        "yours": _("yours"),
        "with_mistake": _("with this mistake"),
        "same_mistake": _("The same mistake as in:"),
        "footnote": _(
            "Hidden checks try the same functions on other inputs. Of them you read what they are "
            "about and a hint, not their numbers."
        ),
        "after_due": _(
            "The time to hand in is over, so you read what the hidden checks asked of you as well."
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


def _percent(score: int | None, max_score: int) -> int:
    return round(100 * (score or 0) / (max_score or 1))


def _notes(view: StudentView) -> list[str]:
    """A sentence each on what is true of the submission as a whole."""
    notes = []
    if view.score is None:
        notes.append(
            _(
                "A check broke on our side, or the file could not be read. No points are lost by "
                "that: your instructor has been told."
            )
        )
    elif view.score == view.max_score:
        notes.append(_("Everything is right, on the checks you can see and on the hidden ones."))
    if view.late_penalty and view.score is not None:
        notes.append(
            _("Handed in late: {points:g} points are taken off, which leaves {left:g}.").format(
                points=view.late_penalty, left=max(0.0, view.score - view.late_penalty)
            )
        )
    return notes


def _exercises(view: StudentView, spec: AssignmentSpec) -> list[dict[str, Any]]:
    left = iter(range(_MOST_PICTURES))
    return [_exercise(view, exercise, spec, left) for exercise in view.exercises]


def _exercise(
    view: StudentView, exercise: ExerciseView, spec: AssignmentSpec, left: Iterator[int]
) -> dict[str, Any]:
    """What the template is given of one exercise; ``left``: the pictures there is room for."""
    titles = {one.name: one.title for one in spec.exercises}
    told = told_of(exercise.checks)
    carried = carried_text(exercise.checks)
    return {
        "title": titles.get(exercise.name, exercise.name),
        "score": "–" if exercise.score is None else exercise.score,
        "max_score": exercise.max_score,
        "percent": _percent(exercise.score, exercise.max_score),
        "notes": [carried] if carried else [],
        "mistakes": [
            _mistake(one, told.lost, spec, _told_in(one, view, exercise))
            for one in view.misconceptions
            if one.name in {check.misconception for check in told.lost}
        ],
        "told": [_check(check, spec, left, bool(told.alike)) for check in told.whole],
        "lists": [
            {"said": said, "checks": [_in_short(check) for check in checks]}
            for checks, said in told.in_short
        ],
    }


def _mistake(
    one: MisconceptionView, lost: Sequence[CheckView], spec: AssignmentSpec, told_in: int
) -> dict[str, Any]:
    """A named mistake; drawn on an example where no check's own picture shows it."""
    is_drawn = any(check.misconception == one.name and check.drawing for check in lost)
    drawing = None if is_drawn else one.drawing
    return {
        "sentence": one.sentence,
        "read_on": one.read_on,
        "told_in": told_in,
        "picture": None if drawing is None else _picture(drawing, spec),
        "plots": []
        if one.descent is None
        else _marked(
            path_plot(one.descent),
            None if is_drawn else loss_plot(one.descent.right_losses, one.descent.losses),
        ),
    }


def _told_in(one: MisconceptionView, view: StudentView, exercise: ExerciseView) -> int:
    """The number of the exercise above that tells of the mistake already; 0 where none does."""
    for number, other in enumerate(view.exercises, start=1):
        if other is exercise:
            return 0
        if any(check.misconception == one.name and not check.void for check in other.checks):
            return number
    return 0


def _in_short(check: CheckView) -> dict[str, Any]:
    return {
        "title": check.title,
        "state": "void" if check.void else check.outcome.value,
        "score": "–" if check.score is None else check.score,
        "max_score": check.max_score,
    }


def _check(
    check: CheckView, spec: AssignmentSpec, left: Iterator[int], is_explained: bool
) -> dict[str, Any]:
    """``is_explained``: the exercise shows a named mistake, perhaps another side of this."""
    drawing = check.drawing if check.drawing and next(left, None) is not None else None
    is_curve = drawing is not None and drawing.function in spec.curves and _is_whole_vector(drawing)
    plot = (
        loss_plot(drawing.expected.rows[0], drawing.got.rows[0])
        if drawing is not None and is_curve
        else None
    )
    if drawing is not None and plot is not None:
        drawing = _without_inputs(drawing)
    picture = None if drawing is None else _picture(drawing, spec)
    if drawing is not None and picture is not None and drawing.expected.shape != drawing.got.shape:
        picture = msgspec.structs.replace(picture, sentence="")  # the message has said it
    said = check.outcome is not Outcome.PASSED or check.void
    # The first line says what differs; the numbers below it are in the picture.
    message = check.message if picture is None else check.message.partition("\n")[0]
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + " …"
    return {
        **_in_short(check),
        "kind": "hidden" if check.hidden else "visible",
        "said": "" if check.is_begun else "waiting",
        "message": message if said else "",
        "hint": check.hint,
        "hint_word": "hint_after" if check.hidden and is_explained else "hint",
        "picture": picture,
        "plots": _marked(plot),
    }


def _picture(drawing: Drawing, spec: AssignmentSpec) -> Picture:
    return picture_of(drawing, spec.windows, spec.tensors.get(drawing.function, ()))


def _is_whole_vector(drawing: Drawing) -> bool:
    grids = (drawing.expected, drawing.got)
    return all(len(g.shape) == 1 and g.rows and len(g.rows[0]) == g.shape[0] for g in grids)


def _without_inputs(drawing: Drawing) -> Drawing:
    return msgspec.structs.replace(drawing, inputs=())


def _marked(*plots: Plot | None) -> list[dict[str, Any]]:
    """The plots for the template, which takes their SVG as it is: no text of others is in it."""
    return [{"caption": p.caption, "svg": markup(p.svg)} for p in plots if p is not None]
