"""A notebook beside each submission that nbgrader would not see: a script, or another name.

nbgrader grades notebooks of the assignment's name alone, and passes over students who have none.
What is graded stays the file that was handed in: a notebook of ours is no form of a submission.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from traitlets.log import get_logger

from autograder.errors import AutograderError, SubmissionError
from autograder.gradebook.autograded import notebook_bytes, replace_whole
from autograder.gradebook.handed_in_notebook import (
    Node,
    in_released_frame,
    pieces_of,
    read_notebook,
)
from autograder.spec import Course
from autograder.submission import find_submissions, read_regular_file
from autograder.submission.forms import PAIRED_WITH
from autograder.submission.submissions import graded_names


def pair_submissions(course: Course, folder: Path) -> list[Path]:
    """Make, or make anew, what nbgrader needs of every assignment in ``folder``; what was written.

    Never raises for a student's file: what cannot be read is left to the report.
    """
    if not folder.is_dir():
        return []
    written: list[Path] = []
    for assignment in course.assignments():
        release = course.release(assignment) / f"{assignment}.ipynb"
        try:
            students = find_submissions(folder).students
            with_it = [one for one in students if (folder / one / assignment).is_dir()]
            released = read_notebook(release) if with_it else {}
            max_bytes = course.assignment(assignment).limits.file_bytes
        except AutograderError as error:
            get_logger().error("%s", error)
            continue
        for student in with_it:
            with contextlib.suppress(OSError, SubmissionError):
                written += _pair(folder, student, assignment, released, max_bytes)
    return written


def _pair(
    folder: Path, student: str, assignment: str, released: Node, max_bytes: int
) -> list[Path]:
    wanted = f"{assignment}.ipynb"
    names = graded_names(folder, student, assignment, max_bytes)
    if not names or wanted in names:
        return []
    data = read_regular_file(folder, (student, assignment, names[0]), max_bytes)
    notebook = in_released_frame(released, pieces_of(names[0], data))
    notebook["metadata"][PAIRED_WITH] = names[0]
    path = folder / student / assignment / wanted
    with contextlib.suppress(FileNotFoundError):
        if read_regular_file(folder, (student, assignment, wanted), max_bytes) == notebook_bytes(
            notebook
        ):
            return []
    replace_whole(path, notebook_bytes(notebook))
    return [path]
