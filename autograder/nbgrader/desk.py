"""Grading on behalf of nbgrader: it asks for one student at a time, and we grade those ahead."""

from __future__ import annotations

import atexit
import threading
import weakref
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
from autograder.grading.regrade import Change
from autograder.grading.run import Options, Step
from autograder.grading.secret import course_secret
from autograder.grading.workers import Workers
from autograder.messages import _, in_language
from autograder.outputs.progress import change_line
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import find_submissions
from autograder.submission.reading import printable

_Told = Callable[[Step], None]


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
        self._course = course
        self._spec = course.assignment(assignment)
        self._folder = folder
        self._db_url = db_url
        self._notebook = course.release(assignment) / f"{assignment}.ipynb"
        self._shown = Autograded(course, self._spec, folder, course.root)
        self._batch: _Batch | None = None

    def graded(self, student: str, upcoming: Sequence[str] = ()) -> Step:
        """What stands of ``student`` now; ``upcoming`` are those asked for next.

        Raises what grading raises, and OperatorError where there is no such student.
        """
        if self._batch is None or student not in self._batch.expected:
            if self._batch is not None:
                self._batch.wait()
            students = [student, *(one for one in upcoming if one != student)]
            self._batch = _Batch(students, self._grade)
        step = self._batch.take(student)
        if step is None:
            raise self._no_submission(student)
        return step

    def notebook(self, report: Report) -> Node:
        """What nbgrader shows of ``report``, with the results in the grade cells."""
        with in_language(self._spec.language):
            return self._shown.notebook(report)

    def write(self, step: Step) -> None:
        """Scores, penalty and comments into the gradebook, by the rules of `autograder grade`."""
        student = step.report.student
        known = {} if step.resubmitted is None else {student: step.resubmitted}
        with self._writer() as writer:
            writer.write([step.report], known, changes=_tell_of_kept)

    def _writer(self) -> GradebookWriter:
        return GradebookWriter(
            self._db_url, self._course.spec.course_id, self._spec, self._notebook
        )

    def _grade(self, students: Sequence[str], done: _Told) -> None:
        course, name = self._course, self._spec.name
        there = find_submissions(self._folder).students
        students = [student for student in students if student in there]
        if not students:
            return
        with self._writer() as writer:
            deadline = writer.deadlines().of
        jobs = usable_jobs(
            1 if len(students) == 1 else None, self._spec.limits, get_logger().warning
        )
        setup = setup_key(course, self._spec, course_secret(course.root))
        options = Options(students=tuple(students), deadline=deadline)
        with Workers(course, name, jobs, setup) as graders:
            grade_class(
                course,
                name,
                self._folder,
                course.root,
                graders,
                options,
                progress=done,
                changes=_tell,
            )

    def _no_submission(self, student: str) -> OperatorError:
        path = printable(self._folder / student)
        for why in find_submissions(self._folder).quarantined:
            if why.startswith(f"{path}: "):
                return OperatorError(why)
        return OperatorError(
            _("{path}: is not there\n  fix: put the submission there").format(path=path)
        )


class _Batch:
    """Students that are graded in the background, in the order in which they are asked for."""

    def __init__(
        self, students: Sequence[str], grade: Callable[[Sequence[str], _Told], None]
    ) -> None:
        self.expected = set(students)  # who can be asked for, each once
        self._steps: dict[str, Step] = {}
        self._error: BaseException | None = None
        self._ended = False
        self._stopped = False
        self._changed = threading.Condition()
        # A daemon, so that the interpreter begins to leave; then it is stopped in order.
        self._thread = threading.Thread(target=self._run, args=(students, grade), daemon=True)
        atexit.register(self._stop)
        self._thread.start()

    def take(self, student: str) -> Step | None:
        """What came of the student, waited for; None where there is no such student.

        Raises what grading does.
        """
        with self._changed:
            self._changed.wait_for(lambda: student in self._steps or self._ended)
            self.expected.discard(student)
            step = self._steps.pop(student, None)
        if step is None and self._error is not None:
            raise self._error
        return step

    def wait(self) -> None:
        """Come back when all are graded."""
        self._thread.join()

    def _stop(self) -> None:
        """End with what is being graded, so that no process and no folder is left behind."""
        self._stopped = True
        self._thread.join()

    def _run(self, students: Sequence[str], grade: Callable[[Sequence[str], _Told], None]) -> None:
        def done(step: Step) -> None:
            if self._stopped:
                raise KeyboardInterrupt
            with self._changed:
                self._steps[step.report.student] = step
                self._changed.notify()

        try:
            grade(students, done)
        except BaseException as error:  # told to whoever asks
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()
        atexit.unregister(self._stop)


def _tell(changes: Sequence[Change]) -> None:
    for change in changes:
        get_logger().warning("%s", change_line(change))


def _tell_of_kept(changes: Sequence[Change]) -> None:
    """What stays in the gradebook alone; all others were told when they were graded."""
    _tell([change for change in changes if change.kept])


# Of each run of nbgrader's, which makes a preprocessor of its own for each notebook. formgrader's
# process lives for weeks, and each press of its button is a run.
_desks: weakref.WeakKeyDictionary[object, Desk] = weakref.WeakKeyDictionary()


def desk_of(run: object, course: Course, assignment: str, folder: Path, db_url: str) -> Desk:
    """The desk of one of nbgrader's runs, which grades one assignment."""
    if run not in _desks:
        _desks[run] = Desk(course, assignment, folder, db_url)
    return _desks[run]
