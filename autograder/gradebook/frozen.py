"""What a course has graded already holds its assignments to the exercises they had then."""

from __future__ import annotations

from pathlib import Path

from autograder.gradebook.writer import GradebookWriter
from autograder.grading.regrade import refuse_other_exercises
from autograder.spec import Course


def refuse_frozen_changes(course: Course, assignment: str, output: Path) -> None:
    """Refuse exercises, or points, other than those of the reports and gradebook.db in ``output``.

    Raises:
        AuthorError: They differ: what, and what holds the grades.
        OperatorError: ``course`` has no such assignment, or a report or the gradebook cannot be
            read.
    """
    spec = course.assignment(assignment)
    refuse_other_exercises(spec, output)
    database = (output / "gradebook.db").resolve()
    if database.is_file():
        GradebookWriter(
            f"sqlite:///{database}", course.spec.course_id, spec
        ).refuse_frozen_changes()
