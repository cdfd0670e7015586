"""``nbgrader export``: the final grade of everybody on the roster, and why where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder import escape

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
        chosen = (one for one in gradebook.students if not self.student or one.id in self.student)
        students = sorted(chosen, key=lambda student: student.id)
        rows: list[tuple[object, ...]] = [_COLUMNS]
        for assignment in gradebook.assignments:
            if not self.assignment or assignment.name in self.assignment:
                rows += [self._row(gradebook, assignment, one) for one in students]
        self.log.info("Exporting grades to %s", target)
        target.write_text(escape.csv_rows(rows), encoding="utf-8", newline="")

    def _row(self, gradebook: Any, assignment: Any, student: Any) -> tuple[object, ...]:
        who = (student.id, student.last_name, student.first_name, student.email)
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            nothing = (None, None, None)
            return (
                *(assignment.name, assignment.duedate, None, *who),
                *(*nothing, assignment.max_score, "missing"),
            )
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        scored = bool(grades) and all(
            grade.auto_score is not None or grade.manual_score is not None for grade in grades
        )
        raw = penalty = score = None
        if scored:
            raw, penalty = submission.score, submission.late_submission_penalty
            score = max(0.0, raw - penalty)
        return (
            *(assignment.name, assignment.duedate, submission.timestamp, *who),
            *(raw, penalty, score, assignment.max_score, "graded" if scored else "not scored"),
        )
