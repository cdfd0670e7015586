"""What the tests of exports share: a student's grade as values, and the platforms' arithmetic."""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from autograder.outputs.exports.model import (
    Export,
    Exported,
    ExportedCheck,
    ExportedExercise,
)
from autograder.report import Outcome
from tests.autograder.conftest import ROOT

HOSTILE = "a\r\n::error::forged ##[group]\x00\x1b[2J\ud800 <b>&\"'|@all =1+1 \u202e"
WHEN = "2026-10-01T12:00:00+00:00"


def check(title: str = "One", score: int | None = 2, most: int = 2, **fields: Any) -> ExportedCheck:
    outcome = {most: Outcome.PASSED, None: Outcome.ERRORED}.get(score, Outcome.FAILED)
    return ExportedCheck(
        **{"hidden": False, "outcome": outcome, **fields},
        title=title,
        score=score,
        max_score=most,
    )


def exercise(
    name: str = "area", score: float | None = 6, most: float = 6, **fields: Any
) -> ExportedExercise:
    return ExportedExercise(
        **{"title": f"The {name}", **fields}, name=name, score=score, max_score=most
    )


def student(
    name: str = "ada",
    score: float | None = 10,
    parts: tuple[ExportedExercise, ...] | None = None,
    **fields: Any,
) -> Exported:
    """Somebody with ten points of ten, collected from Classroom 50."""
    facts: dict[str, Any] = {
        "assignment": "shapes",
        "title": "Two parts",
        "status": "graded" if score is not None else "not scored",
        "max_score": 10,
        "late_penalty": 0.0,
        "submitted_at": WHEN,
        "repository": f"org/c1-shapes-{name}",
        "username": name,
        "commit": "0" * 39 + "a",
        "tag": "submit/20261001T120000Z-0000000",
    }
    parts = (exercise(), exercise("edges", 4, 4)) if parts is None else parts
    return Exported(**{**facts, **fields}, student=name, score=score, exercises=parts)


def decoded(export: Export, path: str) -> Any:
    return msgspec.json.decode(export.files[path])


def validate(value: object, schema: str) -> None:
    """Raise unless ``value`` is of the schema of that name in docs/schemas."""
    path = ROOT / "docs" / "schemas" / f"{schema}.schema.json"
    jsonschema.Draft202012Validator(msgspec.json.decode(path.read_bytes())).validate(value)


def reported(results: Any) -> tuple[float, float, float, float]:
    """What the old reporter makes of a results.json: table and annotation, each points and maximum.

    Its table is passed / tests * max_score, its annotation the sum of scores; neither is rounded or
    clamped, and a score that is missing is NaN.
    """
    table = table_most = annotation = most = 0.0
    for runner in results["runners"].split(","):
        raw = results["env"][f"{runner.upper()}_RESULTS"]
        result = msgspec.json.decode(base64.b64decode(raw, validate=True))
        validate(result, "github-classroom-results")
        passed = sum(test["status"] == "pass" for test in result["tests"])
        table += passed / len(result["tests"]) * result["max_score"]
        table_most += result["max_score"]
        annotation += sum(test.get("score", math.nan) for test in result["tests"])
        most += result["max_score"]
    return table, table_most, annotation, most


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
