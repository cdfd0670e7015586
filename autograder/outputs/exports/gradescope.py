"""Gradescope: a `results.json` for each student, with what the student may see of each check."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.outputs.exports.model import (
    Export,
    Exported,
    ExportedCheck,
    ExportedExercise,
    points_text,
    sorted_out,
)
from autograder.report import Outcome


def gradescope(exported: tuple[Exported, ...]) -> Export:
    """``<student>/results.json`` for everybody who handed something in.

    Who has no score gets a file without any, so that nothing is taken for a zero.
    """
    _graded, needed, notes = sorted_out(exported)
    files = {
        f"{one.student}/results.json": _encoded(_results(one))
        for one in exported
        if one.status != "missing"
    }
    return Export(files=files, needed=needed, notes=notes)


def _results(one: Exported) -> dict[str, Any]:
    if one.score is None:
        return {
            "output": _lines(
                [
                    _("This could not be graded, which is no zero: your instructor has to look."),
                    *one.remarks,
                ]
            ),
            "stdout_visibility": "hidden",
            "tests": [],
        }
    said = [*one.remarks]
    if one.late_penalty:
        said.append(
            _("Handed in late: {points} points are taken off.").format(
                points=points_text(one.late_penalty)
            )
        )
    return {
        "score": one.score,
        "output": _lines(said),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [
            test
            for number, exercise in enumerate(one.exercises, 1)
            for test in _tests(number, exercise)
        ],
    }


def _tests(number: int, exercise: ExportedExercise) -> list[dict[str, Any]]:
    title = escape.one_line(exercise.title)
    if not exercise.checks:
        return [_test(str(number), title, exercise, exercise.note)]
    return [_check(f"{number}.{at}", title, check) for at, check in enumerate(exercise.checks, 1)]


def _check(number: str, exercise: str, check: ExportedCheck) -> dict[str, Any]:
    said = [] if check.outcome is Outcome.PASSED else [check.message, check.mistake, check.hint]
    return _test(number, f"{exercise}: {escape.one_line(check.title)}", check, _lines(said))


def _test(
    number: str, name: str, scored: ExportedExercise | ExportedCheck, output: str
) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": name,
        "number": number,
        "max_score": scored.max_score,
        "output": output,
        "output_format": "text",
        "visibility": "visible",
    }
    if scored.score is not None:  # none is no zero
        test["score"] = scored.score
        test["status"] = "passed" if scored.is_full else "failed"
    return test


def _lines(texts: list[str]) -> str:
    return escape.lines("\n".join(text for text in texts if text))


def _encoded(result: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
