"""``nbgrader export``: the final grade of everybody on the roster, and why where there is none."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import nbgrader.api
from nbgrader.plugins import ExportPlugin

from autograder import escape
from autograder.gradebook.final import FinalGrade, read_final_grades

_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "status",
)


class FinalGrades(ExportPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """A CSV file with the columns of nbgrader's own and a ``status`` as the last.

    ``status`` is one of

    - ``graded``: ``score`` is the final grade, in points, with what was given by hand and what
      being late costs.
    - ``not scored``: something could not be graded and nobody has graded it by hand. No score,
      since it is no zero.
    - ``missing``: on the roster, and nothing was handed in. No score; what that is worth is the
      instructor's to say.

    nbgrader's own writes 0.0 for all three.
    """

    def export(self, gradebook: Any) -> None:
        """Write the file that ``--to`` names, grades.csv by default."""
        target = Path(self.to or "grades.csv")
        rows: list[tuple[object, ...]] = [_COLUMNS]
        for assignment in gradebook.assignments:
            if not self.assignment or assignment.name in self.assignment:
                grades = read_final_grades(gradebook.db.connection(), nbgrader.api, assignment.name)
                rows += [
                    _row(assignment, grade)
                    for grade in grades or ()
                    if not self.student or grade.student in self.student
                ]
        self.log.info("Exporting grades to %s", target)
        target.write_text(escape.csv_rows(rows), encoding="utf-8", newline="")


def _row(assignment: Any, grade: FinalGrade) -> tuple[object, ...]:
    submitted = grade.submitted_at and datetime.datetime.fromisoformat(grade.submitted_at)
    return (
        assignment.name,
        assignment.duedate,
        submitted.replace(tzinfo=None) if submitted else None,  # as nbgrader writes it
        grade.student,
        grade.last_name or None,
        grade.first_name or None,
        grade.email or None,
        grade.raw_score,
        grade.late_penalty,
        grade.score,
        grade.max_score,
        grade.status,
    )
