"""The gradebook's rows of some students of one assignment: read, compared, written."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from autograder.gradebook.registration import Registered
from autograder.gradebook.standing import Standing


class Wanted(msgspec.Struct, frozen=True):
    """What a report puts into the gradebook."""

    student: str
    timestamp: datetime.datetime | None  # UTC without saying so, as nbgrader writes it
    late_penalty: float
    scores: Mapping[str, float | None]  # by the id of a grade cell
    comments: Mapping[str, str]  # by the id of a solution cell


class StudentRow(msgspec.Struct):
    """A student, of whom this writer knows the name of the folder alone."""

    id: str


class GradeRow(msgspec.Struct):
    """One automatic score, with what a person gave in its place."""

    id: str
    notebook_id: str
    cell_id: str
    auto_score: float | None = None
    manual_score: float | None = None
    needs_manual_grade: bool = True  # nbgrader's default


class CommentRow(msgspec.Struct):
    """One automatic comment."""

    id: str
    notebook_id: str
    cell_id: str
    auto_comment: str | None = None


class SubmissionRow(msgspec.Struct):
    """When something was handed in."""

    id: str
    student_id: str
    assignment_id: str
    timestamp: datetime.datetime | None


class NotebookRow(msgspec.Struct):
    """The submitted notebook."""

    id: str
    assignment_id: str  # of the submission
    notebook_id: str
    late_submission_penalty: float | None = None


class Held(msgspec.Struct):
    """All that the gradebook has of one student for the assignment."""

    submission: SubmissionRow
    notebook: NotebookRow | None = None
    grades: dict[str, GradeRow] = {}  # by the id of their cell
    comments: dict[str, CommentRow] = {}
    differs: bool = False  # from what is wanted


# What is written into a row that is there already.
_WRITTEN: dict[type, tuple[str, ...]] = {
    SubmissionRow: ("timestamp",),
    NotebookRow: ("late_submission_penalty",),
    GradeRow: ("auto_score", "needs_manual_grade"),
    CommentRow: ("auto_comment",),
}


class Rows:
    """What the gradebook has of some students; told what is wanted, it knows what to write.

    Plain reads and writes of nbgrader's tables, with its own defaults, and as many for one student
    as for many: nbgrader's objects load each other one by one.
    """

    def __init__(self, api: Any, registered: Registered) -> None:
        self._registered = registered
        self._table: dict[type, Any] = {
            StudentRow: api.Student.__table__,
            SubmissionRow: api.SubmittedAssignment.__table__,
            NotebookRow: api.SubmittedNotebook.__table__,
            GradeRow: api.Grade.__table__,
            CommentRow: api.Comment.__table__,
        }  # in the order in which rows refer to each other
        self._notebooks, self._base_cells = api.Notebook.__table__, api.BaseCell.__table__
        self._new_id = api.new_uuid
        self._students: set[str] = set()
        self._held: dict[str, Held] = {}
        self._cells: dict[str, list[tuple[str, str]]] = {}  # of each notebook: id and kind
        self._new: dict[type, dict[str, Any]] = {kind: {} for kind in self._table}
        self._changed: dict[type, dict[str, Any]] = {kind: {} for kind in self._table}

    def read(self, connection: Any, students: Collection[str], lock: bool = False) -> None:
        """Read what is there of ``students``, and hold it against people's changes if ``lock``."""
        from sqlalchemy import select

        self._read_cells(connection)
        people = self._table[StudentRow]
        found = connection.execute(select(people.c.id).where(people.c.id.in_(students)))
        self._students.update(student for (student,) in found)
        by_notebook = self._read_submissions(connection, students)
        # The index begins with the cell: without cells named, all rows of the class are read.
        cells = [cell for cell, _ in self._cells.get(self._registered.notebook_id, ())]
        for kind in (GradeRow, CommentRow):
            table = self._table[kind]
            query = (
                select(*_columns(table, kind))
                .where(table.c.cell_id.in_(cells))
                .where(table.c.notebook_id.in_(list(by_notebook)))
            )
            for row in connection.execute(query.with_for_update() if lock else query):
                self._keep(by_notebook[row.notebook_id], kind(*row))

    def lacks_a_cell(self) -> bool:
        """Whether a cell is gone that scores or comments are to be given for."""
        there = {cell for cell, _ in self._cells.get(self._registered.notebook_id, ())}
        return not there.issuperset([*self._registered.exercise_of, *self._registered.commented_in])

    def standing(self) -> dict[str, Standing]:
        """What each student has who has grades."""
        found = {}
        for student, held in self._held.items():
            scores = [
                grade.auto_score
                for grade in held.grades.values()
                if grade.cell_id in self._registered.exercise_of
            ]
            known = [score for score in scores if score is not None]
            if scores:
                total = sum(known) if len(known) == len(scores) else None
                found[student] = Standing(held.submission.timestamp, total)
        return found

    def put(self, wanted: Wanted, keep: bool, resubmitted: bool = False) -> None:
        """Make the rows what ``wanted`` says; its scores and comments only if not ``keep``.

        A manual grade or comment stays, and a grade that a person gave for something else than
        what is there now is flagged for another look.
        """
        held = self._held.get(wanted.student) or self._add_submission(wanted)
        notebook = held.notebook or self._add_notebook(held, self._registered.notebook_id)
        is_other_file = resubmitted or held.submission.timestamp != wanted.timestamp
        self._set(held, held.submission, timestamp=wanted.timestamp)
        self._set(held, notebook, late_submission_penalty=wanted.late_penalty)
        if keep:
            return
        for cell_id, score in wanted.scores.items():
            grade = held.grades.get(cell_id) or self._add_grade(held, notebook, cell_id)
            needs_manual_grade = grade.needs_manual_grade
            if grade.manual_score is None:
                needs_manual_grade = score is None
            elif is_other_file or grade.auto_score != score:
                needs_manual_grade = True  # what the person looked at has changed
            self._set(held, grade, auto_score=score, needs_manual_grade=needs_manual_grade)
        for cell_id, text in wanted.comments.items():
            comment = held.comments.get(cell_id) or self._add_comment(held, notebook, cell_id)
            self._set(held, comment, auto_comment=text)

    def differing(self) -> set[str]:
        """The students of whom there is anything to write."""
        return {student for student, held in self._held.items() if held.differs}

    def write(self, connection: Any) -> None:
        """Write what differs."""
        from sqlalchemy import bindparam

        for kind, table in self._table.items():
            if new := self._new[kind].values():
                connection.execute(table.insert(), [msgspec.structs.asdict(row) for row in new])
            if changed := self._changed[kind].values():
                names = _WRITTEN[kind]
                values: dict[str, Any] = {name: bindparam(f"now_{name}") for name in names}
                connection.execute(
                    table.update().where(table.c.id == bindparam("row_id")).values(values),
                    [
                        {"row_id": row.id, **{f"now_{name}": getattr(row, name) for name in names}}
                        for row in changed
                    ],
                )

    def _read_cells(self, connection: Any) -> None:
        from sqlalchemy import select

        notebook, cell = self._notebooks, self._base_cells
        self._cells = {}
        for notebook_id, cell_id, kind in connection.execute(
            select(notebook.c.id, cell.c.id, cell.c.type)
            .outerjoin(cell)
            .where(notebook.c.assignment_id == self._registered.assignment_id)
        ):
            cells = self._cells.setdefault(notebook_id, [])
            if cell_id is not None:
                cells.append((cell_id, kind))

    def _read_submissions(self, connection: Any, students: Collection[str]) -> dict[str, Held]:
        from sqlalchemy import select

        submission, notebook = self._table[SubmissionRow], self._table[NotebookRow]
        mine = (notebook.c.assignment_id == submission.c.id) & (
            notebook.c.notebook_id == self._registered.notebook_id
        )
        by_notebook = {}
        for row in connection.execute(
            select(*_columns(submission, SubmissionRow), *_columns(notebook, NotebookRow))
            .select_from(submission.outerjoin(notebook, mine))
            .where(submission.c.assignment_id == self._registered.assignment_id)
            .where(submission.c.student_id.in_(students))
        ):
            width = len(SubmissionRow.__struct_fields__)
            held = Held(SubmissionRow(*row[:width]))
            self._held[held.submission.student_id] = held
            if row[width] is not None:
                held.notebook = NotebookRow(*row[width:])
                by_notebook[held.notebook.id] = held
        return by_notebook

    # What nbgrader's Gradebook.add_student and add_submission make.

    def _add_submission(self, wanted: Wanted) -> Held:
        if wanted.student not in self._students:
            self._students.add(wanted.student)
            self._add(StudentRow(wanted.student))
        assignment_id = self._registered.assignment_id
        held = Held(
            self._add(
                SubmissionRow(self._new_id(), wanted.student, assignment_id, wanted.timestamp)
            )
        )
        held.differs = True
        self._held[wanted.student] = held
        for notebook_id in self._cells:
            self._add_notebook(held, notebook_id)
        return held

    def _add_notebook(self, held: Held, notebook_id: str) -> NotebookRow:
        notebook: NotebookRow = self._add(
            NotebookRow(self._new_id(), held.submission.id, notebook_id)
        )
        if notebook_id == self._registered.notebook_id:
            held.notebook = notebook
        for cell_id, kind in self._cells.get(notebook_id, ()):
            if kind in ("GradeCell", "TaskCell"):
                self._add_grade(held, notebook, cell_id)
            if kind in ("SolutionCell", "TaskCell"):
                self._add_comment(held, notebook, cell_id)
        return notebook

    def _add_grade(self, held: Held, notebook: NotebookRow, cell_id: str) -> GradeRow:
        grade: GradeRow = self._add(GradeRow(self._new_id(), notebook.id, cell_id))
        self._keep(held, grade)
        held.differs = True
        return grade

    def _add_comment(self, held: Held, notebook: NotebookRow, cell_id: str) -> CommentRow:
        comment: CommentRow = self._add(CommentRow(self._new_id(), notebook.id, cell_id))
        self._keep(held, comment)
        held.differs = True
        return comment

    def _add(self, row: Any) -> Any:
        self._new[type(row)][row.id] = row
        return row

    def _set(self, held: Held, row: Any, **values: object) -> None:
        if all(getattr(row, name) == value for name, value in values.items()):
            return
        held.differs = True
        for name, value in values.items():
            setattr(row, name, value)
        if row.id not in self._new[type(row)]:
            self._changed[type(row)][row.id] = row

    @staticmethod
    def _keep(held: Held, row: Any) -> None:
        (held.grades if isinstance(row, GradeRow) else held.comments)[row.cell_id] = row


def _columns(table: Any, kind: Any) -> list[Any]:
    return [table.c[name] for name in kind.__struct_fields__]
