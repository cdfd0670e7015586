"""Final grades: what the gradebook holds of a class, which every export and published number is."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.errors import OperatorError
from autograder.gradebook.database import Database, nbgrader_api
from autograder.gradebook.trouble import errors_named, place
from autograder.messages import _
from autograder.spec import AssignmentSpec

_DECIMALS = 6  # what is left of binary fractions is cut off: 0.1 + 0.2 is 0.3


class FinalExercise(msgspec.Struct, frozen=True, kw_only=True):
    """One grade cell: what was given by hand, else the automatic score, and extra credit."""

    name: str
    title: str
    score: float | None  # points; None where neither a person nor the grader has given any
    max_score: float


class FinalGrade(msgspec.Struct, frozen=True, kw_only=True):
    """What one student of the roster comes to.

    ``status`` is `graded`; `not scored` where something could not be graded and nobody has graded
    it by hand, which is no zero; or `missing` where nothing was handed in.
    """

    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    status: Literal["graded", "not scored", "missing"]
    raw_score: float | None  # the sum of the exercises
    late_penalty: float | None
    score: float | None  # ``raw_score`` less ``late_penalty``, at least 0
    max_score: float
    submitted_at: str | None = None  # ISO 8601, UTC
    exercises: tuple[FinalExercise, ...] = ()


class _Submitted(msgspec.Struct):
    """What the gradebook holds of one student's submission."""

    timestamp: datetime.datetime | None
    penalty: float = 0.0
    scores: dict[str, float | None] = {}  # by the id of a cell


def final_grades(
    db_url: str, spec: AssignmentSpec, students: Collection[str] = ()
) -> tuple[FinalGrade, ...]:
    """The final grades of everybody on the roster, or of ``students``, sorted by student.

    Nothing is written, and there are as many queries for ten thousand students as for one.

    Args:
        db_url: SQLAlchemy's address of the gradebook.
        spec: The assignment; its exercises' order and titles are those of the grades.
        students: Whom to look for; all where none is named.

    Raises:
        OperatorError: There is no such gradebook, it knows nothing of the assignment or of one of
            ``students``, or it cannot be read.
    """
    api = nbgrader_api()
    titles = {exercise.name: exercise.title for exercise in spec.exercises}
    with errors_named(db_url):
        _refuse_missing_file(db_url)
        database = Database(db_url)
        try:
            with database.reading() as connection:
                grades = read_final_grades(connection, api, spec.name, titles)
        finally:
            database.close()
    if grades is None:
        raise OperatorError(
            _(
                "the gradebook {where} holds nothing of {name}\n"
                "  fix: autograder grade --assignment {name}"
            ).format(where=place(db_url), name=spec.name)
        )
    if unknown := sorted(set(students) - {grade.student for grade in grades}):
        raise OperatorError(
            _(
                "there is no student {names} in the gradebook {where}\n"
                "  fix: the name of a folder that was graded, or of the roster"
            ).format(names=", ".join(unknown), where=place(db_url))
        )
    return tuple(one for one in grades if not students or one.student in students)


def read_final_grades(
    connection: Any, api: Any, assignment: str, titles: Mapping[str, str] | None = None
) -> tuple[FinalGrade, ...] | None:
    """As `final_grades`, on an open connection; None where ``assignment`` is not known there.

    ``titles``: of the exercises, by name, in their order; others come after these, by name.
    """
    import sqlalchemy
    from sqlalchemy import select

    titles = titles or {}
    if not sqlalchemy.inspect(connection).has_table(api.Assignment.__tablename__):
        return None
    given, student = api.Assignment.__table__, api.Student.__table__
    assignment_id = connection.scalar(select(given.c.id).where(given.c.name == assignment))
    if assignment_id is None:
        return None
    cells = _cells(connection, api, assignment_id, list(titles))
    submitted = _submitted(connection, api, assignment_id, list(cells))
    everybody = connection.execute(
        select(student.c.id, student.c.last_name, student.c.first_name, student.c.email)
    )
    return tuple(
        _final(who, submitted.get(who[0]), cells, titles)
        for who in sorted(tuple(row) for row in everybody)
    )


def _submitted(
    connection: Any, api: Any, assignment_id: str, cells: list[str]
) -> dict[str, _Submitted]:
    """What was submitted and what its cells came to, by student."""
    from sqlalchemy import select

    work, notebook = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
    released, grade = api.Notebook.__table__, api.Grade.__table__
    # Put together here: for these joins SQLite has no index, and takes seconds for a large class.
    submitted: dict[str, _Submitted] = {}
    by_work: dict[str, _Submitted] = {}
    for work_id, who, when in connection.execute(
        select(work.c.id, work.c.student_id, work.c.timestamp).where(
            work.c.assignment_id == assignment_id
        )
    ):
        by_work[work_id] = submitted[who] = _Submitted(when)
    by_notebook: dict[str, _Submitted] = {}
    for notebook_id, work_id, penalty in connection.execute(
        select(notebook.c.id, notebook.c.assignment_id, notebook.c.late_submission_penalty)
        .join(released, notebook.c.notebook_id == released.c.id)
        .where(released.c.assignment_id == assignment_id)
    ):
        if work_id in by_work:
            by_notebook[notebook_id] = by_work[work_id]
            by_work[work_id].penalty += penalty or 0.0
    for notebook_id, cell, auto, manual, extra in connection.execute(
        select(
            grade.c.notebook_id,
            grade.c.cell_id,
            grade.c.auto_score,
            grade.c.manual_score,
            grade.c.extra_credit,
        ).where(grade.c.cell_id.in_(cells))
    ):
        if notebook_id in by_notebook:
            by_notebook[notebook_id].scores[cell] = _score(auto, manual, extra)
    return submitted


def _cells(
    connection: Any, api: Any, assignment_id: str, order: list[str]
) -> dict[str, tuple[str, float]]:
    """Name and points of each cell that takes a grade, by its id; in the assignment's order."""
    from sqlalchemy import select

    notebook, base = api.Notebook.__table__, api.BaseCell.__table__
    found: list[tuple[str, str, float]] = []
    for kind in (api.GradeCell.__table__, api.TaskCell.__table__):
        rows = connection.execute(
            select(base.c.id, base.c.name, kind.c.max_score)
            .select_from(kind.join(base, kind.c.id == base.c.id))
            .join(notebook, base.c.notebook_id == notebook.c.id)
            .where(notebook.c.assignment_id == assignment_id)
        )
        found += [tuple(row) for row in rows]
    place_of = {name: number for number, name in enumerate(order)}
    found.sort(key=lambda cell: (place_of.get(cell[1], len(order)), cell[1]))
    return {cell_id: (name, points) for cell_id, name, points in found}


def _score(auto: float | None, manual: float | None, extra: float | None) -> float | None:
    """What stands for a cell; extra credit alone is no score."""
    given = auto if manual is None else manual
    return None if given is None else given + (extra or 0.0)


def _final(
    who: tuple[Any, ...],
    submitted: _Submitted | None,
    cells: Mapping[str, tuple[str, float]],
    titles: Mapping[str, str],
) -> FinalGrade:
    scores = {} if submitted is None else submitted.scores
    # Only what the student was given: a cell that came later has no grade, and is no missing one.
    is_scored = bool(scores) and None not in scores.values()
    raw = penalty = score = None
    if submitted is not None and is_scored:
        raw = _rounded(sum(one or 0.0 for one in scores.values()))
        penalty = _rounded(submitted.penalty)
        score = max(0.0, _rounded(raw - penalty))
    status: Literal["graded", "not scored", "missing"] = "graded" if is_scored else "not scored"
    student, last_name, first_name, email = who
    return FinalGrade(
        student=student,
        last_name=last_name or "",
        first_name=first_name or "",
        email=email or "",
        status="missing" if submitted is None else status,
        raw_score=raw,
        late_penalty=penalty,
        score=score,
        max_score=_rounded(sum(points for _name, points in cells.values())),
        submitted_at=_as_iso(submitted.timestamp if submitted else None),
        exercises=tuple(_exercises(cells, scores, titles)),
    )


def _exercises(
    cells: Mapping[str, tuple[str, float]],
    scores: Mapping[str, float | None],
    titles: Mapping[str, str],
) -> Iterable[FinalExercise]:
    for cell_id, (name, points) in cells.items():
        score = scores.get(cell_id)
        yield FinalExercise(
            name=name,
            title=titles.get(name, name),
            score=None if score is None else _rounded(score),
            max_score=points,
        )


def _rounded(points: float) -> float:
    return round(float(points), _DECIMALS)


def _as_iso(moment: datetime.datetime | None) -> str | None:
    """nbgrader keeps UTC without saying so."""
    return None if moment is None else moment.replace(tzinfo=datetime.UTC).isoformat()


def _refuse_missing_file(db_url: str) -> None:
    """SQLite would make an empty file of it."""
    import sqlalchemy

    url = sqlalchemy.make_url(db_url)
    path = url.database or ""
    if url.get_backend_name() != "sqlite" or path in ("", ":memory:") or path.startswith("file:"):
        return
    if not Path(path).exists():
        raise OperatorError(
            _("{path}: there is no gradebook\n  fix: autograder grade makes it").format(path=path)
        )
