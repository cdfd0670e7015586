"""The old GitHub Classroom runners' results, such that its reporter shows one total everywhere.

The reporter adds up two things: its table ``passed / tests * max_score`` of each runner, and its
annotation the ``score`` of each test. Neither is rounded or held to the maximum there. Where all is
whole points a runner is one exercise of equal tests; everything else (a late penalty, half points,
more than the maximum) is a runner of what was earned, whose one test passes, and one of what was
not, whose one test fails: both sums are then the final grade exactly.
"""

from __future__ import annotations

import base64
import math
import re
from typing import Any

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.outputs.exports.model import (
    Export,
    Exported,
    ExportedExercise,
    in_points,
    points_text,
    sorted_out,
)


def github_classroom(exported: tuple[Exported, ...]) -> Export:
    """``<student>/results.json``: the reporter's input ``runners``, and ``env``, its variables."""
    graded, needed, notes = sorted_out(exported)
    told = list(notes)
    files = {}
    for one in graded:
        assert one.score is not None
        if one.score > one.max_score:
            told.append(
                _(
                    "{student}: {score} of {most}: shown as {score} of {score}, since the reporter "
                    "has no points beyond a maximum"
                ).format(
                    student=escape.one_line(one.student),
                    score=points_text(one.score),
                    most=points_text(one.max_score),
                )
            )
        runners = _runners(one)
        files[f"{one.student}/results.json"] = (
            msgspec.json.format(
                msgspec.json.encode(
                    {
                        "runners": ",".join(name for name, _result in runners),
                        "env": {
                            f"{name.upper()}_RESULTS": base64.b64encode(
                                msgspec.json.encode(result)
                            ).decode()
                            for name, result in runners
                        },
                    }
                ),
                indent=2,
            )
            + b"\n"
        )
    return Export(files=files, needed=needed, notes=tuple(told))


def _runners(one: Exported) -> list[tuple[str, dict[str, Any]]]:
    """Runners by their id; their sums are the final score."""
    assert one.score is not None
    by_exercise = [_exercise(number, part) for number, part in enumerate(one.exercises, 1)]
    plain = [part for part in by_exercise if part is not None]
    if len(plain) == len(by_exercise) and math.fsum(
        exercise.score or 0.0 for exercise in one.exercises
    ) == (one.score):
        return plain
    return _earned_and_lost(one.score, max(one.score, one.max_score))


def _exercise(number: int, exercise: ExportedExercise) -> tuple[str, dict[str, Any]] | None:
    """The runner of an exercise in whole points; None where it cannot be told by equal tests."""
    score, most = exercise.score, exercise.max_score
    if score is None or score != int(score) or most != int(most) or not 0 <= score <= most:
        return None
    if most == 0:
        return None  # a maximum of 0 is taken for no maximum at all
    each = math.gcd(int(score), int(most))
    tests, passed = int(most) // each, int(score) // each
    if passed / tests * most != score:
        return None  # a binary fraction in between would show, as in 7.000000000000001
    name = _plain(exercise.title)
    results = [
        _test(f"{name} ({at} / {tests})", at <= passed, each if at <= passed else 0)
        for at in range(1, tests + 1)
    ]
    return _runner_id(number, exercise.name), _runner(int(most), results)


def _earned_and_lost(score: float, most: float) -> list[tuple[str, dict[str, Any]]]:
    lost = in_points(most - score)
    runners = []
    if score > 0:
        name = _("final grade: {score} points").format(score=points_text(score))
        runners.append(("final-grade", _runner(score, [_test(_plain(name), True, score)])))
    if lost > 0:
        name = _("{score} points not earned, or taken off").format(score=points_text(lost))
        runners.append(("points-lost", _runner(lost, [_test(_plain(name), False, 0)])))
    return runners


def _runner(most: float, tests: list[dict[str, Any]]) -> dict[str, Any]:
    passed = all(test["status"] == "pass" for test in tests)
    return {
        "version": 1,
        "status": "pass" if passed else "fail",
        "max_score": _number(most),
        "tests": tests,
    }


def _test(name: str, passed: bool, score: float) -> dict[str, Any]:
    return {
        "name": name,
        "status": "pass" if passed else "fail",
        "score": _number(score),
        "message": "",
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }


def _number(points: float) -> float:
    """A whole number without its ``.0``, which would be printed."""
    return int(points) if points == int(points) else points


def _runner_id(number: int, name: str) -> str:
    """What can be an id of a step and, in capitals, a variable; no two exercises have the same."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return name if plain == name else f"exercise-{number}"


def _plain(text: str) -> str:
    """``text`` on one line without what a runner's log would obey; the reporter prints it raw."""
    return escape.one_line(text).replace("::", ": :").replace("##[", "# #[")
