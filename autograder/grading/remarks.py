"""Remarks: what is worth saying about a submission and costs no points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.checks import Answer
from autograder.messages import _
from autograder.report import ExerciseResult, Remark
from autograder.sandbox.session import Problem
from autograder.spec import AssignmentSpec
from autograder.submission import Form

_SHOWN_PROBLEMS = 5
_MUCH_PRINTED_BYTES = 2**20


def remarks_on(
    form: Form,
    problems: Sequence[Problem],
    answers: Sequence[Answer],
    printed_bytes: int,
    exercises: Sequence[ExerciseResult],
    spec: AssignmentSpec,
) -> tuple[Remark, ...]:
    """Remarks on one graded form. ``answers`` come from visible checks only."""
    return (
        *(Remark(text=text) for text in _on_problems(problems)),
        *(Remark(text=text) for text in _on_carried_forward(exercises, spec)),
        *(Remark(text=text) for text in dict.fromkeys(_on_answers(answers))),
        *(Remark(text=text) for text in _on_output(printed_bytes)),
        *(Remark(text=text, audience="instructor") for text in _on_library_use(form, spec)),
    )


def _on_problems(problems: Sequence[Problem]) -> Iterator[str]:
    """Statements that did not run; a stub that is still to be filled in is no news."""
    news = [p.message for p in problems if not p.message.endswith(": NotImplementedError")]
    yield from news[:_SHOWN_PROBLEMS]
    if len(news) > _SHOWN_PROBLEMS:
        yield _("{count} more statements did not run").format(count=len(news) - _SHOWN_PROBLEMS)


def _on_carried_forward(exercises: Sequence[ExerciseResult], spec: AssignmentSpec) -> Iterator[str]:
    for exercise in exercises:
        points = sum(check.score or 0 for check in exercise.checks if check.carried_forward)
        if points and spec.carried_forward is not None:
            yield _(
                "{points} points of {exercise} came from a right {name} in the place of yours: "
                "one mistake costs its points once"
            ).format(points=points, exercise=exercise.name, name=spec.carried_forward.name)


def _on_answers(answers: Sequence[Answer]) -> Iterator[str]:
    for answer in answers:
        if answer.kind == "tensor" and answer.dtype not in ("float32", ""):
            yield _("{function} returned {dtype}; float32 is the usual type").format(
                function=answer.function, dtype=answer.dtype
            )
        if answer.kind == "vector" and answer.holds_graph:
            yield _(
                "{function} returns tensors that hold on to the autograd graph; "
                ".item() gives plain numbers and frees the memory"
            ).format(function=answer.function)
        elif answer.kind == "vector" and answer.type_name != "list":
            yield _(
                "{function} returned its numbers in a {kind}; a list is the usual place"
            ).format(function=answer.function, kind=answer.type_name)


def _on_output(printed_bytes: int) -> Iterator[str]:
    if printed_bytes > _MUCH_PRINTED_BYTES:
        yield _("printed {count:.0f} MB; that costs no points, but nobody reads it").format(
            count=printed_bytes / 1e6
        )


def _on_library_use(form: Form, spec: AssignmentSpec) -> Iterator[str]:
    """Library functions named inside the functions the spec lists; found as text, never parsed."""
    for name in spec.library_remark_in:
        body = "\n".join(_bodies(name, [cell.source for cell in form.cells]))
        used = [f for f in spec.library_functions if re.search(rf"\b{re.escape(f)}\b", body)]
        if used:
            yield _("{name} uses {used}").format(name=name, used=", ".join(used))


def _bodies(name: str, sources: Sequence[str]) -> Iterator[str]:
    """The indented lines below each ``def name``."""
    begins = re.compile(rf"\s*def {re.escape(name)}\b")
    for source in sources:
        if name not in source:
            continue
        indent: int | None = None
        for line in source.splitlines():
            depth = len(line) - len(line.lstrip())
            if indent is not None and line.strip() and depth <= indent:
                indent = None
            if indent is not None:
                yield line.partition("#")[0]
            if begins.match(line):
                indent = depth
