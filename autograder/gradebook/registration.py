"""An assignment's own rows: its notebook and cells, as nbgrader makes them for a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from autograder.gradebook.released import Marks, Notebook, read_release
from autograder.spec import AssignmentSpec


class Registered(msgspec.Struct, frozen=True):
    """Where an assignment's scores and comments go."""

    assignment_id: str
    notebook_id: str
    exercise_of: dict[str, str]  # id of a grade cell → exercise
    commented_in: dict[str, list[str]]  # id of a solution cell → exercises


def graded_points(connection: Any, api: Any, assignment: str) -> dict[str, float] | None:
    """The points of each exercise that submissions are graded with; None before the first one."""
    import sqlalchemy

    notebook, cell = api.Notebook.__table__, api.BaseCell.__table__
    graded, submitted = api.GradeCell.__table__, api.SubmittedNotebook.__table__
    if not sqlalchemy.inspect(connection).has_table(notebook.name):
        return None
    notebook_id = connection.scalar(
        sqlalchemy.select(notebook.c.id)
        .join(api.Assignment.__table__)
        .where(api.Assignment.name == assignment, notebook.c.name == assignment)
        .where(sqlalchemy.exists().where(submitted.c.notebook_id == notebook.c.id))
    )
    if notebook_id is None:
        return None
    rows = connection.execute(
        sqlalchemy.select(cell.c.name, graded.c.max_score)
        .join(graded, graded.c.id == cell.c.id)
        .where(cell.c.notebook_id == notebook_id)
    )
    return dict(rows.all())


def register(
    connection: Any, api: Any, course_id: str, spec: AssignmentSpec, notebook: Path | None
) -> Registered:
    """Make the course, the assignment, its notebook and cells what the spec and the release say.

    Writes only what differs. Raises OperatorError when ``notebook`` is not a release of ``spec``.
    """
    from sqlalchemy.orm import Session

    released = read_release(notebook, spec) if notebook else Notebook()
    with Session(connection, join_transaction_mode="rollback_only") as session:
        cells = _Cells(session, api, course_id, spec)
        if notebook:
            cells.notebook.kernelspec = msgspec.json.encode(released.metadata.kernelspec).decode()
        graded = {
            exercise.name: cells.grade_cell(exercise.name, exercise.points)
            for exercise in spec.exercises
        }
        commented_in: dict[str, list[str]] = {}
        solution_id = None
        for cell in released.cells:
            marks = cell.metadata.nbgrader
            if marks is None or not (marks.grade or marks.solution or marks.locked):
                continue
            cells.source_cell(marks, cell.cell_type, "".join(cell.source))
            if marks.solution:
                solution_id = cells.solution_cell(marks.grade_id).id
            if marks.grade and solution_id is not None:
                commented_in.setdefault(solution_id, []).append(marks.grade_id)
        session.flush()
        return Registered(
            assignment_id=cells.assignment.id,
            notebook_id=cells.notebook.id,
            exercise_of={cell.id: exercise for exercise, cell in graded.items()},
            commented_in=commented_in,
        )


class _Cells:
    """The rows of one notebook; each method returns the one asked for, made where it is missing."""

    def __init__(self, session: Any, api: Any, course_id: str, spec: AssignmentSpec) -> None:
        self._session, self._api = session, api
        if session.get(api.Course, course_id) is None:
            session.add(api.Course(id=course_id))
            session.flush()
        self.assignment = self._one(api.Assignment, name=spec.name)
        if self.assignment is None:
            self.assignment = self._add(api.Assignment, name=spec.name, course_id=course_id)
        inside = {"assignment_id": self.assignment.id, "name": spec.name}
        self.notebook = self._one(api.Notebook, **inside) or self._add(api.Notebook, **inside)
        kinds = (api.GradeCell, api.SolutionCell, api.TaskCell, api.SourceCell)
        self._found = {kind: self._all(kind) for kind in kinds}
        exercises = {exercise.name for exercise in spec.exercises}
        if not self._found[api.GradeCell].keys() <= exercises:  # and nothing is graded yet
            self._drop_all()

    def grade_cell(self, name: str, points: int) -> Any:
        """The cell of an exercise, worth ``points``."""
        kind = self._api.GradeCell
        cell = self._found[kind].get(name)
        if cell is None:
            cell = self._make(kind, name, max_score=points, cell_type="code")
        cell.max_score = points
        return cell

    def solution_cell(self, name: str) -> Any:
        """A cell that takes comments; with one for each submission that is there already."""
        kind, api = self._api.SolutionCell, self._api
        cell = self._found[kind].get(name)
        if cell is None:
            cell = self._make(kind, name)
            submitted = self._session.query(api.SubmittedNotebook.id)
            for (notebook_id,) in submitted.filter_by(notebook_id=self.notebook.id).all():
                self._session.add(api.Comment(cell_id=cell.id, notebook_id=notebook_id))
        return cell

    def source_cell(self, marks: Marks, cell_type: str, source: str) -> None:
        """What nbgrader puts in the place of a locked cell that a student has changed."""
        kind = self._api.SourceCell
        now = {
            "cell_type": cell_type,
            "source": source,
            "locked": not marks.solution,
            "checksum": marks.checksum,
        }
        cell = self._found[kind].get(marks.grade_id)
        if cell is None:
            self._make(kind, marks.grade_id, **now)
            return
        for name, value in now.items():
            setattr(cell, name, value)

    def _drop_all(self) -> None:
        for cells in self._found.values():
            for cell in cells.values():
                self._session.delete(cell)
            cells.clear()
        self._session.flush()

    def _make(self, kind: Any, name: str, **fields: object) -> Any:
        cell = self._add(kind, name=name, notebook_id=self.notebook.id, **fields)
        self._found[kind][name] = cell
        return cell

    def _add(self, kind: Any, **fields: object) -> Any:
        made = kind(**fields)
        self._session.add(made)
        self._session.flush()  # gives it its id
        return made

    def _one(self, kind: Any, **fields: object) -> Any:
        return self._session.query(kind).filter_by(**fields).one_or_none()

    def _all(self, kind: Any) -> dict[str, Any]:
        cells = self._session.query(kind).filter(kind.notebook_id == self.notebook.id)
        return {cell.name: cell for cell in cells}
