"""A notebook beside each submission that nbgrader would not see: a script, or another name.

nbgrader grades notebooks of the assignment's name alone, and passes over students who have none.
What is graded stays the file that was handed in: a notebook of ours is no form of a submission.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from traitlets.log import get_logger

from autograder.errors import AutograderError, SubmissionError
from autograder.gradebook.autograded import notebook_bytes, replace_whole
from autograder.gradebook.handed_in_notebook import (
    Node,
    Piece,
    in_released_frame,
    pieces_of,
    read_notebook,
)
from autograder.messages import _
from autograder.spec import Course
from autograder.submission import find_submissions, read_regular_file
from autograder.submission.forms import PAIRED_WITH
from autograder.submission.reading import printable
from autograder.submission.submissions import graded_names

_STAMP = "autograder_made_from"  # in the metadata of a pair


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
            stamp = hashlib.sha256(json.dumps(released).encode())
            max_bytes = course.assignment(assignment).limits.file_bytes
        except AutograderError as error:
            get_logger().error("%s", error)
            continue
        for student in with_it:
            try:
                written += _pair(folder, student, assignment, released, stamp.copy(), max_bytes)
            except OSError as error:
                get_logger().error("%s", _not_written(folder / student / assignment, error))
    return written


def _pair(
    folder: Path,
    student: str,
    assignment: str,
    released: Node,
    made_from: hashlib._Hash,
    max_bytes: int,
) -> list[Path]:
    wanted = f"{assignment}.ipynb"
    names = graded_names(folder, student, assignment, max_bytes)
    if not names or wanted in names:
        return []
    name, data = names[0], b""
    with contextlib.suppress(SubmissionError):  # then the report says why it has no score
        data = read_regular_file(folder, (student, assignment, name), max_bytes)
    made_from.update(json.dumps(name).encode() + data)
    stamp = made_from.hexdigest()
    with contextlib.suppress(FileNotFoundError, SubmissionError):
        there = read_regular_file(folder, (student, assignment, wanted), max_bytes)
        if f'"{_STAMP}": "{stamp}"'.encode() in there:
            return []
    pieces: list[Piece] = []
    with contextlib.suppress(SubmissionError):
        pieces = pieces_of(name, data)
    notebook = in_released_frame(released, pieces)
    notebook["metadata"] |= {PAIRED_WITH: printable(name), _STAMP: stamp}
    path = folder / student / assignment / wanted
    replace_whole(path, notebook_bytes(notebook))
    return [path]


def _not_written(folder: Path, error: OSError) -> str:
    return _(
        "{folder}: nbgrader does not see this submission: {why}\n  fix: make the folder writable, "
        "or grade with autograder grade"
    ).format(folder=printable(folder), why=error.strerror)
