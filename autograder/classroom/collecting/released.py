"""Whether somebody worked on what was handed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.errors import SubmissionError
from autograder.grading.run import released_forms
from autograder.spec import Course
from autograder.submission.forms import changed_forms
from autograder.submission.submissions import as_form


def is_changed(course: Course, assignment: str) -> Callable[[Mapping[str, bytes]], bool]:
    """A function that tells of files, by name, whether one is other than it was handed out.

    One that cannot be read counts as changed: it is not what was handed out.
    """
    released = released_forms(course, assignment)
    expected = (f"{assignment}.ipynb", f"{assignment}.py")

    def changed(files: Mapping[str, bytes]) -> bool:
        here = {name: files[name] for name in files if name.rpartition("/")[2] in expected}
        for name, data in (here or files).items():
            try:
                if changed_forms([as_form(name.rpartition("/")[2], data, assignment)], released):
                    return True
            except SubmissionError:
                return True
        return False

    return changed
