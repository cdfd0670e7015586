"""Three steps of ``nbgrader autograde``, and so of formgrader's button, that make it grade by us.

The student's code runs in the sandbox of `autograder grade`, with the same checks and for the same
points; never in a kernel. nbgrader calls these in a process that holds the gradebook.
"""

# nbformat annotates only some of its functions.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    Execute,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import List, Unicode

from autograder.errors import OperatorError
from autograder.grading.run import Step
from autograder.messages import _
from autograder.nbgrader.desk import Desk, desk_of
from autograder.spec import Course, find_course

_GRADED = "autograder_graded"  # in nbgrader's resources of one notebook


class _OfOurCourse(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """What the steps share: which course, which assignment, whose submission."""

    def _course(self) -> Course:
        return find_course(Path(self._converter().coursedir.root))

    def _converter(self) -> Any:
        return self.parent.parent  # preprocessor, exporter, converter

    def _is_ours(self, resources: Any) -> bool:
        """By nbgrader's own account of what it grades, never by what the student's file says."""
        return resources["nbgrader"]["assignment"] in self._course().assignments()

    def _desk(self, resources: Any) -> Desk:
        facts, coursedir = resources["nbgrader"], self._converter().coursedir
        student, assignment = facts["student"], facts["assignment"]
        place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        if (place.name, place.parent.name) != (assignment, student):
            raise OperatorError(
                _(
                    "{place}: submissions have to lie in <student>/<assignment>/\n"
                    "  fix: leave CourseDirectory.directory_structure as nbgrader has it"
                ).format(place=place)
            )
        course = self._course()
        return desk_of(self._converter(), course, assignment, place.parents[1], facts["db_url"])


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
        self._drop_copies_of_links(resources)
        at = self._desk(resources)
        graded = at.graded(facts["student"], self._upcoming(facts["assignment"]))
        facts[_GRADED] = graded
        return nbformat.from_dict(at.notebook(graded.report)), resources

    def _drop_copies_of_links(self, resources: Any) -> None:
        """nbgrader has followed a student's links by now, and copies to the student what it has."""
        facts, coursedir = resources["nbgrader"], self._converter().coursedir
        source, target = (
            Path(coursedir.format_path(folder, facts["student"], facts["assignment"]))
            for folder in (coursedir.submitted_directory, coursedir.autograded_directory)
        )
        for path in source.rglob("*"):
            if path.is_symlink():
                (target / path.relative_to(source)).unlink(missing_ok=True)

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
        converter, coursedir = self._converter(), self._converter().coursedir
        place = coursedir.format_path(
            coursedir.submitted_directory, "(?P<student>.*)", re.escape(assignment), escape=True
        )
        excluded = coursedir.student_id_exclude.split(",")
        students = []
        for folder in sorted(converter.assignments):
            found = re.match(place, folder)
            if found is None or found["student"] in excluded:
                continue
            done = coursedir.format_path(
                coursedir.autograded_directory, found["student"], assignment
            )
            if converter.force or not Path(done).exists() or self._is_newer(folder, done):
                students.append(found["student"])
        return students

    def _is_newer(self, folder: str, done: str) -> bool:
        """Whether it was handed in again since it was graded."""
        coursedir = self._converter().coursedir
        try:
            now, then = map(coursedir.get_existing_timestamp, (folder, done))
        except Exception:  # whatever a student's timestamp.txt brings forth in nbgrader
            return False
        return now is not None and then is not None and bool(now > then)


class SaveResults(_OfOurCourse, SaveAutoGrades):  # type: ignore[misc]  # nbgrader ships no types
    """In the place of SaveAutoGrades: points, comments and penalty as `autograder grade` has them.

    nbgrader's own reads them from the outputs, where "no score" cannot be said but as a zero, and
    asks for another look at everything that was graded by hand.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """``nb`` as it is."""
        if not self._is_ours(resources):
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        graded: Step = resources["nbgrader"].pop(_GRADED)
        self._desk(resources).write(graded)
        return nb, resources


class LatePenalties(_OfOurCourse, AssignLatePenalties):  # type: ignore[misc]  # as above
    """In the place of AssignLatePenalties: the policy of course.toml is in the results already."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """``nb`` as it is."""
        if not self._is_ours(resources):
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        return nb, resources
