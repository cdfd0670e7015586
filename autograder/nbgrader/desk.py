"""Grading on behalf of nbgrader: it asks for one student at a time, and we grade those ahead."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from traitlets.log import get_logger

from autograder.errors import OperatorError
from autograder.gradebook.autograded import Autograded
from autograder.gradebook.handed_in_notebook import Node
from autograder.gradebook.writer import GradebookWriter
from autograder.grading.course import grade_class
from autograder.grading.jobs import usable_jobs
from autograder.grading.key import setup_key
from autograder.grading.run import Options, Step
from autograder.grading.secret import course_secret
from autograder.grading.workers import Workers
from autograder.messages import _
from autograder.report import Report
from autograder.spec import Course, find_course


class Desk:
    """Reports on one assignment for nbgrader, which works through a class one by one.

    The report on the disk counts here as everywhere: what is graded already is not graded again.

    Args:
        course: The course.
        assignment: One of its assignments.
        folder: Where the submissions are, laid out <student>/<assignment>/.
        db_url: nbgrader's gradebook.
    """

    def __init__(self, course: Course, assignment: str, folder: Path, db_url: str) -> None:
        self._folder = folder
        self._db_url = db_url
        self._batch: _Batch | None = None
        self._read(course, assignment)

    def report(self, student: str, upcoming: Sequence[str] = ()) -> Report:
        """The report that stands for ``student``; ``upcoming`` are those asked for next.

        Raises what grading raises.
        """
        if self._batch is None or student not in self._batch.expected:
            if self._batch is not None:
                self._batch.thread.join()
                # formgrader's server lives for weeks, and the course's files change meanwhile.
                self._read(find_course(self._course.root), self._spec.name)
            students = [student, *(one for one in upcoming if one != student)]
            self._batch = _Batch(students, self._grade)
        report = self._batch.take(student)
        if report is None:
            raise OperatorError(
                _("{student}: is not in {folder}\n  fix: put the submission there").format(
                    student=student, folder=self._folder
                )
            )
        return report

    def notebook(self, report: Report) -> Node:
        """What nbgrader shows of ``report``, with the results in the grade cells."""
        return self._shown.notebook(report)

    def write(self, report: Report) -> None:
        """Scores, penalty and comments into the gradebook, as they stand in ``report``."""
        with self._writer() as writer:
            writer.write([report], {report.student: True}, allow_lower=True)

    def _read(self, course: Course, assignment: str) -> None:
        self._course = course
        self._spec = course.assignment(assignment)
        self._notebook = course.release(assignment) / f"{assignment}.ipynb"
        self._shown = Autograded(course, self._spec, self._folder, course.root)

    def _writer(self) -> GradebookWriter:
        return GradebookWriter(
            self._db_url, self._course.spec.course_id, self._spec, self._notebook
        )

    def _grade(self, students: Sequence[str], done: Callable[[Step], None]) -> None:
        course, name = self._course, self._spec.name
        with self._writer() as writer:
            deadline = writer.deadlines().of
        jobs = usable_jobs(
            1 if len(students) == 1 else None, self._spec.limits, get_logger().warning
        )
        setup = setup_key(course, self._spec, course_secret(course.root))
        options = Options(students=tuple(students), deadline=deadline)
        with Workers(course, name, jobs, setup) as graders:
            grade_class(course, name, self._folder, course.root, graders, options, progress=done)


class _Batch:
    """Students that are graded in the background, in the order in which they are asked for."""

    def __init__(
        self,
        students: Sequence[str],
        grade: Callable[[Sequence[str], Callable[[Step], None]], None],
    ) -> None:
        self.expected = set(students)  # who can be asked for, each once
        self._reports: dict[str, Report] = {}
        self._error: BaseException | None = None
        self._ended = False
        self._changed = threading.Condition()
        self.thread = threading.Thread(target=self._run, args=(students, grade), daemon=True)
        self.thread.start()

    def take(self, student: str) -> Report | None:
        """The report, waited for; None where there is no such student. Raises what grading does."""
        with self._changed:
            self._changed.wait_for(lambda: student in self._reports or self._ended)
            self.expected.discard(student)
            report = self._reports.pop(student, None)
        if report is None and self._error is not None:
            raise self._error
        return report

    def _run(
        self,
        students: Sequence[str],
        grade: Callable[[Sequence[str], Callable[[Step], None]], None],
    ) -> None:
        def done(step: Step) -> None:
            with self._changed:
                self._reports[step.report.student] = step.report
                self._changed.notify()

        try:
            grade(students, done)
        except BaseException as error:  # told to whoever asks
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()


_desks: dict[tuple[Path, str, Path, str], Desk] = {}


def desk(course: Course, assignment: str, folder: Path, db_url: str) -> Desk:
    """The desk of this process for these; a notebook has a preprocessor of its own each time."""
    key = (course.root, assignment, folder, db_url)
    with contextlib.suppress(KeyError):
        return _desks[key]
    return _desks.setdefault(key, Desk(course, assignment, folder, db_url))
