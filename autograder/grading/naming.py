"""The mistakes of one graded form by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from autograder.checks import Draw, Student, Trace
from autograder.grading.session import Runner
from autograder.messages import _
from autograder.misconceptions import Misconceptions, Recogniser
from autograder.misconceptions.declare import Model
from autograder.misconceptions.recognise import Judged, Shown
from autograder.misconceptions.replay import ModelStudent
from autograder.report import (
    Descent,
    Drawing,
    ExerciseResult,
    MisconceptionText,
    Outcome,
    Remark,
    Visibility,
)
from autograder.spec import AssignmentSpec

_SEED = 20  # what a model fails does not depend on it; `autograder audit --seeds` holds that


def recogniser(misconceptions: Misconceptions, runner: Runner, spec: AssignmentSpec) -> Recogniser:
    """A recogniser that finds out with ``runner`` whether a model fails a check."""

    checks = {check.name: check for check in runner.checks}

    def fails(model: Model, check: str) -> bool:
        student = Student(ModelStudent(model, spec.layers, _SEED))
        return runner.run(checks[check], student, Draw(_SEED)).outcome is not Outcome.PASSED

    return Recogniser(misconceptions, spec.layers, fails)


class Named(msgspec.Struct, frozen=True):
    """The exercises with the misconceptions that their checks show, and what is said of these."""

    exercises: tuple[ExerciseResult, ...]
    misconceptions: tuple[MisconceptionText, ...] = ()
    remarks: tuple[Remark, ...] = ()


def with_names(
    exercises: Sequence[ExerciseResult], traces: Mapping[str, Trace], recogniser: Recogniser
) -> Named:
    """``exercises`` with the misconception of each failed check that shows one."""
    judged = {
        check.name: Judged(
            exercise.name,
            check.outcome is Outcome.FAILED,
            traces.get(check.name),
            check.visibility is Visibility.VISIBLE,
        )
        for exercise in exercises
        for check in exercise.checks
    }
    void = {check.name for exercise in exercises for check in exercise.checks if check.void}
    try:
        found = {name: one for name, one in recogniser.name(judged).items() if name not in void}
    except Exception as error:  # a grade must not hang on what only explains it
        text = _("no mistake could be named: {kind}: {error}").format(
            kind=type(error).__name__, error=error
        )
        return Named(tuple(exercises), remarks=(Remark(text=text, audience="instructor"),))
    if not found:
        return Named(tuple(exercises))
    named = tuple(
        msgspec.structs.replace(
            exercise,
            checks=tuple(
                msgspec.structs.replace(check, misconception=found[check.name].misconception.name)
                if check.name in found
                else check
                for check in exercise.checks
            ),
        )
        for exercise in exercises
    )
    in_order = dict.fromkeys(check.misconception for exercise in named for check in exercise.checks)
    shown = {one.misconception.name: one for one in found.values()}
    return Named(
        named, tuple(_text(shown[name], recogniser) for name in in_order if name is not None)
    )


def _text(shown: Shown, recogniser: Recogniser) -> MisconceptionText:
    """What is said of a misconception, with its picture on an example that everybody knows."""
    picture = recogniser.picture(shown)
    return msgspec.structs.replace(
        shown.misconception.text,
        drawing=picture if isinstance(picture, Drawing) else None,
        descent=picture if isinstance(picture, Descent) else None,
    )
