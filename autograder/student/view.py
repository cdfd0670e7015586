"""What a student is told after a run, before it is drawn for a terminal or a notebook.

The first failure whole, the rest in a line each. Nothing in here is escaped yet: whoever draws it
does that for the format it goes into.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from autograder.messages import _, ngettext
from autograder.outputs.pictures import Picture
from autograder.report import Outcome
from autograder.student.failure import failure_text, picture_in
from autograder.student.practice import Tried, points
from autograder.student.progress import Progress, next_step, remembered
from autograder.student.released import Released

_SHOWN_PROBLEMS = 3
_DRAWN_INPUTS = 2  # of a picture, at most
_PROBLEM = re.compile(r".*?:\d+: (SyntaxError|NameError)\b")


class State(enum.Enum):
    """How a check, or a whole exercise, stands."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    NOT_BEGUN = "not begun"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The first check that fails, whole."""

    title: str
    state: State
    text: str  # why, in the student's terms; its first line says what is wrong
    picture: Picture | None
    inputs: int  # how many of the picture's grids show what the function was given
    hints: tuple[str, ...]  # the steps given so far
    more_hints: str  # how to have the next one, or that there is none
    printed: str  # by the student's code in this check


class ExerciseShown(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise: what it has earned here, and its checks in a line each."""

    name: str
    points: int
    most: int
    state: State
    why: str  # of one that is not begun
    checks: tuple[tuple[State, str], ...]  # with their titles


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told of one run."""

    heading: str
    about: str  # what is to be known of the file, or nothing
    problems: tuple[str, ...]  # of what did not run: the first one with the line of the file
    failure: Failure | None
    printed: str  # by the file as a whole
    exercises: tuple[ExerciseShown, ...]
    news: tuple[str, ...]  # since the last run
    done: str
    total: str
    notes: tuple[str, ...]


def shown_of(
    released: Released,
    file: str,
    tried: Sequence[Tried],
    *,
    problems: Sequence[str] = (),
    about: str = "",
    exercises: Sequence[str] = (),
    printed: str = "",
    hints_given: Mapping[str, int] | None = None,
    done_before: Sequence[str] | None = None,
    next_hint: bool = False,
    more_hints: str = "autograder check --hint",
    notes: Sequence[str] = (),
) -> tuple[Shown, Progress]:
    """What is told of a run on ``file``, and what is to be remembered of it.

    Args:
        released: The folder's facts.
        file: Its name, for the heading.
        tried: The checks that were run.
        problems: What of the file did not run.
        about: What is to be known of the file, below the heading.
        exercises: Those that were asked for; none stands for all.
        printed: By the file itself.
        hints_given: How many steps of a check's hint were given before, by check.
        done_before: The exercises that were done in the run before, if there was one.
        next_hint: Whether a further hint was asked for.
        more_hints: What to write for the next hint.
        notes: Sentences for the end.
    """
    first = _first(tried, bool(problems))
    given = remembered(hints_given or {}, [one.check.name for one in tried if not one.passed])
    failure = None
    if first is not None:
        name, steps = first.check.name, len(first.check.info.hints)
        step = next_step(given.get(name, 0), next_hint, steps)
        more = ""
        if step < steps:
            more = ngettext(
                "{count} more hint: {how}", "{count} more hints: {how}", steps - step
            ).format(count=steps - step, how=more_hints)
        elif next_hint and step == given.get(name):
            more = _("there are no more hints for this check")
        failure = _failure(first, released, step, more)
        given[name] = step
    if (not problems and first is None) or (first is not None and first.printed):
        printed = ""  # nothing is wrong, or there is something nearer to what is
    standing = tuple(exercises_of(released, tried))
    done = tuple(one.name for one in standing if one.state is State.PASSED)
    no_hint = _no_hint(standing, bool(problems)) if next_hint and first is None else ()
    shown = Shown(
        heading=f"{released.title} · {file}",
        about=about,
        problems=tuple(_problems(problems)),
        failure=failure,
        printed=printed,
        exercises=standing,
        # Nothing is new where there was no run before.
        news=() if done_before is None else tuple(_news(done_before, standing)),
        done=ngettext(
            "{done} of {count} exercise done, as far as visible checks can tell",
            "{done} of {count} exercises done, as far as visible checks can tell",
            len(standing),
        ).format(done=len(done), count=len(standing)),
        total=_total(released, tried, exercises),
        notes=(*no_hint, hidden_note(released, exercises), *notes),
    )
    return shown, Progress(done, given)


def hidden_note(released: Released, exercises: Sequence[str] = ()) -> str:
    """That hidden checks exist, so that nobody is surprised by them later.

    How many is known of the whole assignment only, and not said where ``exercises`` are asked for.
    """
    if exercises:
        return _("hidden checks are not run here")
    count = released.hidden_checks.count
    return ngettext(
        "{count} hidden check is not run here", "{count} hidden checks are not run here", count
    ).format(count=count)


def _first(tried: Sequence[Tried], problems: bool) -> Tried | None:
    """The failure to look at first: none that only follows from what did not run, or a stub."""
    for one in tried:
        if not one.passed and not one.not_begun and not (one.not_defined and problems):
            return one
    return None


def _failure(tried: Tried, released: Released, step: int, more_hints: str) -> Failure:
    drawing = tried.drawing
    hints = tried.check.info.hints
    return Failure(
        title=tried.check.info.title,
        state=state_of(tried),
        text=failure_text(tried),
        picture=picture_in(released, tried),
        inputs=0 if drawing is None else min(len(drawing.inputs), _DRAWN_INPUTS),
        hints=hints[:step],
        more_hints=more_hints,
        printed=tried.printed,
    )


def _no_hint(exercises: Sequence[ExerciseShown], problems: bool) -> tuple[str, ...]:
    """Why there is none, where one was asked for and no failure is shown."""
    if problems:
        return (_("no hint: first mend what did not run"),)
    for one in exercises:
        if one.state is State.NOT_BEGUN:
            return (_("no hint: {why}; read the text above it").format(why=one.why),)
    return (_("no hint: nothing fails"),)


def _problems(problems: Sequence[str]) -> Iterator[str]:
    """The first whole, the others in a line each; what follows from a cell with an error counted.

    Of a cell that does not parse no name is defined: whatever then lacks a name lacks it for that.
    """
    kinds = [found.group(1) if (found := _PROBLEM.match(one)) else "" for one in problems]
    broken = kinds.index("SyntaxError") if "SyntaxError" in kinds else len(kinds)
    own = [
        one
        for number, one in enumerate(problems)
        if number <= broken or kinds[number] != "NameError"
    ]
    follow = len(problems) - len(own)
    yield from _shortened(own)
    if follow:
        yield ngettext(
            "… and {count} more that follows from it",
            "… and {count} more that follow from it",
            follow,
        ).format(count=follow)


def _shortened(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:1]
    yield from (text.partition("\n")[0] for text in problems[1:_SHOWN_PROBLEMS])
    if len(problems) > _SHOWN_PROBLEMS:
        count = len(problems) - _SHOWN_PROBLEMS
        yield ngettext("and {count} more", "and {count} more", count).format(count=count)


def exercises_of(released: Released, tried: Sequence[Tried]) -> list[ExerciseShown]:
    """How each exercise stands that was tried, in the assignment's order."""
    return list(_exercises(released, tried))


def _exercises(released: Released, tried: Sequence[Tried]) -> Iterator[ExerciseShown]:
    for exercise in released.exercises:
        own = [one for one in tried if one.check.info.exercise == exercise.name]
        if not own:
            continue
        failed = [one for one in own if not one.passed]
        state = State.FAILED
        why = ""
        if not failed:
            state = State.PASSED
        elif all(one.not_begun for one in failed):
            state, why = State.NOT_BEGUN, str(failed[0].verdict.error)
        yield ExerciseShown(
            name=exercise.name,
            points=points(own),
            most=sum(one.check.info.points for one in own),
            state=state,
            why=why,
            checks=tuple((state_of(one), one.check.info.title) for one in own),
        )


def state_of(tried: Tried) -> State:
    """How one check stands."""
    if tried.not_begun:
        return State.NOT_BEGUN
    return {
        Outcome.PASSED: State.PASSED,
        Outcome.FAILED: State.FAILED,
        Outcome.ERRORED: State.ERRORED,
    }[tried.verdict.outcome]


def _news(before: Sequence[str], exercises: Sequence[ExerciseShown]) -> Iterator[str]:
    """What is different from the run before."""
    for one in exercises:
        is_done = one.state is State.PASSED
        if is_done and one.name not in before:
            yield _("{exercise}: done since last time").format(exercise=one.name)
        elif not is_done and one.name in before:
            yield _("{exercise}: was done, and is not any more").format(exercise=one.name)


def _total(released: Released, tried: Sequence[Tried], exercises: Sequence[str]) -> str:
    all_points = sum(
        one.points for one in released.exercises if not exercises or one.name in exercises
    )
    most = sum(one.check.info.points for one in tried)
    return _("{points} points; at most {most} of {all} shown here").format(
        points=points(tried), most=most, all=all_points
    )
