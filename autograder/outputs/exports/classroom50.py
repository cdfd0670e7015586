"""Classroom 50: a `result.json` for each student's repository, in whole points."""

from __future__ import annotations

import datetime
import math
import re
import urllib.parse
from typing import Any

import msgspec

from autograder import escape
from autograder.messages import _
from autograder.outputs.exports.model import (
    Export,
    Exported,
    ExportedExercise,
    points_text,
    sorted_out,
)

_SERVER = "https://github.com"
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
_TAG = re.compile(r"submit/[A-Za-z0-9._-]+")


def classroom50(
    exported: tuple[Exported, ...], classroom: str, slug: str, graded_at: datetime.datetime
) -> Export:
    """``<student>/result.json`` for whoever has a score and a submission that is known there.

    Args:
        exported: The class.
        classroom: The classroom's short name.
        slug: The assignment's name in that classroom.
        graded_at: When this was graded. The moment of submission does not move.
    """
    graded, needed, notes = sorted_out(exported)
    files: dict[str, bytes] = {}
    wanted, told = list(needed), list(notes)
    for one in graded:
        unknown = _unknown(one, classroom, slug)
        if unknown:
            wanted.append(
                _(
                    "{student}: no result.json: {unknown}\n"
                    "  fix: autograder collect, from a download of that classroom"
                ).format(student=escape.one_line(one.student), unknown="; ".join(unknown))
            )
            continue
        result = _result(one, classroom, slug, graded_at)
        files[f"{one.student}/result.json"] = (
            msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
        )
        if one.score != result["score"]:
            told.append(
                _("{student}: {score} is written as {whole}: Classroom 50 takes {why}").format(
                    student=escape.one_line(one.student),
                    score=points_text(one.score),
                    whole=result["score"],
                    why=_("whole points up to the maximum"),
                )
            )
    return Export(files=files, needed=tuple(wanted), notes=tuple(told))


def whole_points(score: float, most: int) -> int:
    """``score`` rounded half up, from 0 to ``most``."""
    return max(0, min(most, math.floor(round(score, 4) + 0.5)))


def _unknown(one: Exported, classroom: str, slug: str) -> list[str]:
    """What is not known of a submission, or is not of this classroom."""
    missing = []
    if not one.username:
        missing.append(_("the GitHub username is not known"))
    if not one.repository or not _REPOSITORY.fullmatch(one.repository):
        missing.append(_("the repository is not known"))
    elif one.username:
        name = one.repository.partition("/")[2]
        if name.lower() != f"{classroom}-{slug}-{one.username}".lower():
            missing.append(
                _("{repository} is not the repository of {classroom}, {slug}").format(
                    repository=escape.one_line(one.repository), classroom=classroom, slug=slug
                )
            )
    if not one.commit or not _COMMIT.fullmatch(one.commit):
        missing.append(_("the commit is not known"))
    if not one.tag or not _TAG.fullmatch(one.tag):
        missing.append(_("the tag submit/… is not known"))
    if _instant(one.submitted_at) is None:
        missing.append(_("when it was submitted is not known"))
    return missing


def _result(
    one: Exported, classroom: str, slug: str, graded_at: datetime.datetime
) -> dict[str, Any]:
    assert one.score is not None and one.tag is not None
    most = math.floor(one.max_score + 0.5)
    repository = f"{_SERVER}/{one.repository}"
    commit = f"{repository}/commit/{one.commit}"
    return {
        "schema": "classroom50/result/v1",
        "classroom": classroom,
        "assignment": slug,
        "assignment_type": "individual",
        "owner": one.username,
        "submission": one.tag,
        "commit": commit,
        "release": f"{repository}/releases/tag/{urllib.parse.quote(one.tag, safe='')}",
        "review": commit,
        "datetime": _instant(one.submitted_at),
        "graded_at": f"{graded_at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "score": whole_points(one.score, most),
        "max-score": most,
        "tests": [test for exercise in one.exercises for test in _tests(exercise)],
    }


def _tests(exercise: ExportedExercise) -> list[dict[str, Any]]:
    """One for each check, or one for an exercise whose points are not those of its checks."""
    if not exercise.checks:
        most = math.floor(exercise.max_score + 0.5)
        name = f"{exercise.title} ({exercise.note})" if exercise.note else exercise.title
        score = whole_points(exercise.score or 0.0, most)
        return [_test(name, exercise.is_full, score, most)]
    return [
        _test(f"{exercise.title}: {one.title}", one.is_full, one.score or 0, one.max_score)
        for one in exercise.checks
    ]


def _test(name: str, passed: bool, score: int, most: int) -> dict[str, Any]:
    # It ends up in a Markdown table of the release, where bars are escaped, a second time.
    shown = escape.markdown(name.replace("|", "/"))
    return {"test-name": shown, "passed": passed, "score": score, "max-score": most}


def _instant(moment: str | None) -> str | None:
    """An ISO 8601 time as UTC in whole seconds; None where there is none or it cannot be read."""
    try:
        when = datetime.datetime.fromisoformat(moment or "")
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    return f"{when.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
