"""Reading what students hand in: safely, once, and without ever running it."""

from autograder.submission.forms import Cell, Form, changed_forms, code_cells
from autograder.submission.reading import read_regular_file
from autograder.submission.submissions import (
    Found,
    Submission,
    as_form,
    find_submissions,
    is_student_id,
    on_time_folder,
    read_submission,
)

__all__ = [
    "Cell",
    "Form",
    "Found",
    "Submission",
    "as_form",
    "changed_forms",
    "code_cells",
    "find_submissions",
    "is_student_id",
    "on_time_folder",
    "read_regular_file",
    "read_submission",
]
