"""What the gradebook's tests share: an assignment, its reports, and all that a database holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from autograder.gradebook.writer import GradebookWriter
from autograder.report import (
    CheckResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Report,
    SubmittedFile,
    Visibility,
)
from autograder.spec import AssignmentSpec, Exercise

api: Any = pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

SPEC = AssignmentSpec(
    title="Two parts",
    name="shapes",
    exercises=(Exercise("area", "The area", 6), Exercise("edges", "The edges", 4)),
)
SECRETS = ("test_hidden_square_of_seven", "seed 20260101", "expected 49.0", "KeyError: 'canary'")


def report(
    student: str,
    area: int | None = 6,
    edges: int | None = 4,
    *,
    submitted_at: str | None = "2026-10-01T20:00:00+08:00",
    late_penalty: float = 0.0,
) -> Report:
    """A report that holds SECRETS wherever the instructor's eyes alone go."""
    exercises = (exercise("area", area, 6), exercise("edges", edges, 4))
    broken = area is None or edges is None
    return Report(
        assignment="shapes",
        student=student,
        max_score=10,
        score=None if broken else (area or 0) + (edges or 0),
        submission=SubmittedFile(
            file="shapes.py" if submitted_at else None,
            sha256="0" * 64 if submitted_at else None,
            submitted_at=submitted_at,
        ),
        late_penalty=late_penalty,
        exercises=exercises,
        duration_seconds=0.1,
        provenance=Provenance(
            grader_version="0",
            tests_sha256="0",
            secret_fingerprint="0",
            seed=SECRETS[1],
            torch="0",
            python="0",
            sandbox_layers=(),
            graded_at="2026-10-02T00:00:00+00:00",
        ),
    )


def exercise(name: str, score: int | None, max_score: int) -> ExerciseResult:
    outcome = (
        Outcome.ERRORED
        if score is None
        else Outcome.PASSED
        if score == max_score
        else Outcome.FAILED
    )
    return ExerciseResult(
        name=name,
        score=score,
        max_score=max_score,
        checks=(
            CheckResult(
                name=SECRETS[0],
                title=f"{name} of a square",
                visibility=Visibility.HIDDEN,
                outcome=outcome,
                score=score,
                max_score=max_score,
                message=SECRETS[2],
                detail=SECRETS[3],
                hint="Which side did you take?",
            ),
        ),
    )


def released_notebook() -> dict[str, object]:
    """One solution cell per exercise, each followed by its locked grade cell."""
    cells = []
    for part in SPEC.exercises:
        for kind in ("solution", "grade"):
            marks = {
                "grade_id": part.name if kind == "grade" else f"{part.name}-code",
                "grade": kind == "grade",
                "solution": kind == "solution",
                "task": False,
                "locked": kind == "grade",
                "schema_version": 3,
                "checksum": "c",
                **({"points": part.points} if kind == "grade" else {}),
            }
            cells.append(
                {
                    "cell_type": "code",
                    "id": f"{part.name}-{kind}",
                    "source": ["pass\n", "pass"],
                    "metadata": {"nbgrader": marks},
                    "outputs": [],
                    "execution_count": None,
                }
            )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


def write(
    database: Path,
    *reports: Report,
    spec: AssignmentSpec = SPEC,
    notebook: Path | None = None,
    **options: object,
) -> None:
    with GradebookWriter(f"sqlite:///{database}", "course", spec, notebook) as writer:
        writer.write(reports, **options)  # type: ignore[arg-type]


def grades(database: Path, student: str) -> dict[str, dict[str, object]]:
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        submitted = gradebook.find_submission_notebook("shapes", "shapes", student)
        return {grade.name: grade.to_dict() for grade in submitted.grades}


def grade_by_hand(database: Path, student: str, **fields: object) -> None:
    """What formgrader does when a person types into a grade's boxes."""
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        grade = gradebook.find_grade("area", "shapes", "shapes", student)
        for name, value in fields.items():
            setattr(grade, name, value)
        grade.needs_manual_grade = False
        gradebook.db.commit()


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, ids that nbgrader draws replaced by what they stand for."""
    found: dict[str, list[dict[str, Any]]] = {}
    stands_for: dict[object, object] = {}
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        for table in api.Base.metadata.sorted_tables:
            found[table.name] = []
            for row in connection.execute(table.select()).mappings():
                known = {name: stands_for.get(value, value) for name, value in row.items()}
                if re.fullmatch("[0-9a-f]{32}", str(known["id"])):
                    known["id"] = (table.name, *(known[name] for name in _named_by(table)))
                    stands_for[row["id"]] = known["id"]
                found[table.name].append(known)
            found[table.name].sort(key=lambda row: repr(row["id"]))
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        found["alembic_version"] = [{"version_num": number} for (number,) in version]
    return found


def _named_by(table: sqlalchemy.Table) -> Iterable[str]:
    for constraint in table.constraints:
        if isinstance(constraint, sqlalchemy.UniqueConstraint):
            return sorted(column.name for column in constraint.columns)
    raise AssertionError(table.name)
