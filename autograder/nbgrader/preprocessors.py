"""Three steps of ``nbgrader autograde``, and so of formgrader's button, that make it grade by us.

The student's code runs in the sandbox of `autograder grade`, with the same checks and for the same
points; never in a kernel. nbgrader calls these in a process that holds the gradebook.
"""

# nbformat annotates only some of its functions.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import List, Unicode

from autograder.errors import OperatorError, SubmissionError
from autograder.gradebook.handed_in_notebook import in_released_frame, pieces_of, read_notebook
from autograder.messages import _
from autograder.nbgrader.desk import Desk, desk
from autograder.spec import Course, find_course

_REPORT = "autograder_report"  # in nbgrader's resources of one notebook


class _OfOurCourse(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """What the steps share: which course, which assignment, whose submission."""

    def _course(self) -> Course:
        return find_course(Path(self._coursedir().root))

    def _coursedir(self) -> Any:
        return self._converter().coursedir

    def _converter(self) -> Any:
        return self.parent.parent  # preprocessor, exporter, converter

    def _is_ours(self, resources: Any) -> bool:
        """By nbgrader's own account of what it grades, never by what the student's file says."""
        return resources["nbgrader"]["assignment"] in self._course().assignments()

    def _desk(self, resources: Any) -> Desk:
        facts, coursedir = resources["nbgrader"], self._coursedir()
        student, assignment = facts["student"], facts["assignment"]
        place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        if (place.name, place.parent.name) != (assignment, student):
            raise OperatorError(
                _(
                    "{place}: submissions have to lie in <student>/<assignment>/\n"
                    "  fix: leave CourseDirectory.directory_structure as nbgrader has it"
                ).format(place=place)
            )
        return desk(self._course(), assignment, place.parents[1], facts["db_url"])


class Sanitise(_OfOurCourse):
    """First step of all: the student's cells in the released notebook's frame.

    Without it a cell that was doubled, removed or changed stops nbgrader, or the whole class.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """The notebook with each released cell once, and nothing in it that runs when shown."""
        if not self._is_ours(resources):
            return nb, resources
        course, name = self._course(), resources["nbgrader"]["assignment"]
        released = read_notebook(course.release(name) / f"{name}.ipynb")
        try:
            pieces = pieces_of(f"{name}.ipynb", json.dumps(nb).encode())
        except SubmissionError as error:  # the report says so, too
            self.log.warning("%s", error)
            pieces = []
        return nbformat.from_dict(in_released_frame(released, pieces)), resources


class GradeInSandbox(_OfOurCourse):
    """In the place of nbgrader's Execute: results of the sandbox as outputs of the grade cells.

    Not a subclass of Execute, which ``--no-execute`` switches off: grade cells without output are
    worth full marks to nbgrader.
    """

    unsandboxed = List(
        Unicode(),
        help="Names of other assignments that may be run in a kernel, without any isolation, as "
        "nbgrader does by itself. Student code then reads what you can read.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """The notebook as it was graded.

        Raises:
            OperatorError: The assignment is not one of ours, nor listed in ``unsandboxed``.
            AutograderError: It cannot be graded here; nbgrader reports it and goes on.
        """
        facts = resources["nbgrader"]
        if not self._is_ours(resources):
            return self._unsandboxed(nb, resources)
        at = self._desk(resources)
        report = at.report(facts["student"], self._upcoming(facts["assignment"]))
        resources["nbgrader"][_REPORT] = report
        return nbformat.from_dict(at.notebook(report)), resources

    def _unsandboxed(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        name = resources["nbgrader"]["assignment"]
        if name not in self.unsandboxed:
            raise OperatorError(
                _(
                    "{name}: is no assignment of this course, so it would run without isolation\n"
                    "  fix: c.GradeInSandbox.unsandboxed = [{name!r}] in nbgrader_config.py, if "
                    "you trust everybody who handed it in"
                ).format(name=name)
            )
        execute = Execute(parent=self.parent)
        return execute(nb, resources)  # type: ignore[no-any-return]

    def _upcoming(self, assignment: str) -> list[str]:
        """The students that nbgrader is going to ask for, in its order."""
        converter, coursedir = self._converter(), self._coursedir()
        place = coursedir.format_path(
            coursedir.submitted_directory, "(?P<student>.*)", re.escape(assignment), escape=True
        )
        students = []
        for folder in sorted(converter.assignments):
            if found := re.match(place, folder):
                student = found["student"]
                done = coursedir.format_path(coursedir.autograded_directory, student, assignment)
                if converter.force or not Path(done).exists():
                    students.append(student)
        return students


class WriteResults(_OfOurCourse):
    """Last step: penalty, comments, and the points of what could not be scored, as they stand.

    SaveAutoGrades has written the points by now, with no comment, and a zero where there is none.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """``nb`` as it is."""
        report = resources["nbgrader"].pop(_REPORT, None)
        if report is not None:
            self._desk(resources).write(report)
        return nb, resources
