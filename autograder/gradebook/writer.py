"""The one writer of nbgrader's gradebook: scores, late penalties and student-safe comments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self, TypeVar

from autograder.errors import OperatorError
from autograder.gradebook.comments import comment_on
from autograder.gradebook.database import Database, nbgrader_api
from autograder.gradebook.deadlines import Deadlines, deadlines
from autograder.gradebook.registration import Registered, graded_points, register
from autograder.gradebook.rows import Rows, Wanted
from autograder.gradebook.standing import changes_by, naive_utc
from autograder.gradebook.trouble import errors_named, place
from autograder.grading.regrade import Change, Changes, refuse_frozen
from autograder.messages import _, in_language
from autograder.report import Report, student_view
from autograder.spec import AssignmentSpec

T = TypeVar("T")
_Batch = Sequence[tuple[Report, Wanted]]

_IN_ONE_TRANSACTION = 200  # reports; others who write wait that long, some tenths of a second


class GradebookWriter:
    """Writes reports into one gradebook for as long as its ``with`` block lasts.

    Between two calls of `write` nothing is held: others may read and write. Killed at any moment,
    it leaves the gradebook as it was after some number of whole reports.

    Args:
        db_url: SQLAlchemy's address of the database, as in nbgrader's ``db_url``.
        course_id: The course the assignment is registered under.
        spec: The assignment; each exercise is one grade cell, points its maximum.
        notebook: The released notebook. Its cells are registered as ``nbgrader
            generate_assignment`` does, so that nbgrader's own steps work on this gradebook, and
            its solution cells take the comments. Without it there are grade cells only.
    """

    def __init__(
        self, db_url: str, course_id: str, spec: AssignmentSpec, notebook: Path | None = None
    ) -> None:
        self._db_url = db_url
        self._course_id = course_id
        self._spec = spec
        self._notebook = notebook
        self._opened: tuple[Database, Registered] | None = None

    def __enter__(self) -> Self:
        """Open the gradebook and register the assignment.

        Raises:
            OperatorError: The database cannot be written.
            AuthorError: It holds grades for other exercises, or for other points.
        """
        api = nbgrader_api()
        with errors_named(self._db_url):
            database = Database(self._db_url)
            database.make_file()

            def prepare(connection: Any) -> Registered:
                database.make_whole(connection)
                # Find out now whether it can be written, not after the class is graded.
                connection.exec_driver_sql("UPDATE course SET id = id WHERE 1 = 0")
                self._refuse_frozen_changes(connection)
                return register(connection, api, self._course_id, self._spec, self._notebook)

            try:
                self._opened = database, database.commit(prepare)
            except BaseException:
                database.close()
                raise
        return self

    def refuse_frozen_changes(self) -> None:
        """Refuse an assignment that is not the one graded here, and write nothing.

        Raises:
            OperatorError: The database cannot be read.
            AuthorError: It holds grades for other exercises, or for other points.
        """
        with errors_named(self._db_url):
            database = Database(self._db_url)
            try:
                with database.reading() as connection:
                    self._refuse_frozen_changes(connection)
            finally:
                database.close()

    def deadlines(self) -> Deadlines:
        """By when each student's work is due; nothing is written.

        Raises OperatorError when the database cannot be read.
        """
        assert self._opened is not None, "deadlines() is for inside the with block"
        from sqlalchemy.orm import Session

        with (
            errors_named(self._db_url),
            self._opened[0].reading() as connection,
            Session(connection) as session,
        ):
            return deadlines(SimpleNamespace(db=session), nbgrader_api(), self._spec.name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def write(
        self,
        reports: Iterable[Report],
        resubmitted: Mapping[str, bool] | None = None,
        allow_lower: bool = False,
        changes: Changes = lambda changes: None,
    ) -> None:
        """Put ``reports`` into the gradebook and commit; a manual grade or comment stays.

        A higher automatic total stays, too, unless the student has handed in other files since, or
        a lower one is allowed; and a total is never replaced by none. The gradebook does not know
        which bytes it was for: ``resubmitted`` says so. For a student it does not name, whose
        report is lost, other files are those that were handed in at another time, where both times
        are known; so a total that is higher by mistake is kept rather than a right one lost.

        Made to be called again and again with some fifty reports while a class is graded. Where
        everything is there already, nothing is written and nobody waits.

        Args:
            reports: What stands of each student.
            resubmitted: Of each student of whom it is known, whether other files were handed in.
            allow_lower: Whether a lower total counts, too.
            changes: Told how totals change, and which stay, before anything is written.

        Raises:
            OperatorError: The database cannot be written, or a report is of other exercises.
                A student whose report did not get in keeps the grades from before; a new one
                has none, which is flagged and not a zero.
        """
        assert self._opened is not None, "write() is for inside the with block"
        database, registered = self._opened
        # No transaction waits for a report that is still being made, or for a comment.
        batch = [(report, self._wanted(report, registered)) for report in reports]

        def planned(connection: Any, part: _Batch, lock: bool) -> tuple[Rows, list[Change]]:
            rows = Rows(nbgrader_api(), registered)
            students = sorted({report.student for report, wanted in part})
            for some in _parts(students):
                rows.read(connection, some, lock)
                self._refuse_lost_cells(rows)
            told = changes_by(
                [report for report, wanted in part], rows.standing(), resubmitted or {}, allow_lower
            )
            for (_report, wanted), change in zip(part, told, strict=True):
                rows.put(
                    wanted,
                    keep=change is not None and change.kept,
                    resubmitted=bool(resubmitted and resubmitted.get(wanted.student)),
                )
            return rows, [change for change in told if change is not None]

        with errors_named(self._db_url), database.reading() as connection:
            rows, told = planned(connection, batch, lock=False)
        changes(told)
        differing = rows.differing()
        del rows  # of the whole batch; what is there may have changed by the time it is written
        for part in _parts([one for one in batch if one[0].student in differing]):
            self._commit(part, planned, told, changes)

    def _commit(
        self,
        part: _Batch,
        planned: Callable[[Any, _Batch, bool], tuple[Rows, list[Change]]],
        told: Collection[Change],
        changes: Changes,
    ) -> None:
        """Write ``part`` in one transaction, which is begun again if there is more to be told."""
        known = set(told)

        def write(connection: Any) -> list[Change]:
            rows, now = planned(connection, part, True)
            news = [change for change in now if change not in known]
            if not news:
                rows.write(connection)
            return news

        assert self._opened is not None
        while True:
            with errors_named(self._db_url):
                news = self._opened[0].commit(write)
            if not news:
                return
            changes(news)  # somebody else has written since
            known.update(news)

    def _wanted(self, report: Report, registered: Registered) -> Wanted:
        self._refuse_other_exercises(report)
        scores = {exercise.name: exercise.score for exercise in report.exercises}
        titles = {exercise.name: exercise.title for exercise in self._spec.exercises}
        with in_language(self._spec.language):  # what students read
            view = student_view(report)
            comments = {
                cell_id: "\n\n".join(
                    comment_on(exercise, titles[exercise.name], view.misconceptions)
                    for exercise in view.exercises
                    if exercise.name in exercises
                )
                for cell_id, exercises in registered.commented_in.items()
            }
        return Wanted(
            student=report.student,
            timestamp=naive_utc(report.submission.submitted_at),
            late_penalty=report.late_penalty,
            scores={
                cell_id: scores.get(exercise)
                for cell_id, exercise in registered.exercise_of.items()
            },
            comments=comments,
        )

    def _refuse_frozen_changes(self, connection: Any) -> None:
        points = graded_points(connection, nbgrader_api(), self._spec.name)
        if points is not None:
            refuse_frozen(self._spec, points, place(self._db_url))

    def _refuse_lost_cells(self, rows: Rows) -> None:
        if rows.lacks_a_cell():  # SQLite would take a grade for a cell that is not there
            raise OperatorError(
                _(
                    "the cells of {name} in the gradebook {where} were made anew while it was "
                    "graded\n  fix: run the same command again"
                ).format(name=self._spec.name, where=place(self._db_url))
            )

    def _refuse_other_exercises(self, report: Report) -> None:
        points = {exercise.name: exercise.points for exercise in self._spec.exercises}
        reported = {exercise.name: exercise.max_score for exercise in report.exercises}
        if report.assignment != self._spec.name or not reported.items() <= points.items():
            raise OperatorError(
                _(
                    "the report of {student} is about {assignment} as it no longer is\n"
                    "  fix: autograder grade --assignment {name} --student {student} --force"
                ).format(student=report.student, assignment=report.assignment, name=self._spec.name)
            )


def _parts(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), _IN_ONE_TRANSACTION):
        yield whole[start : start + _IN_ONE_TRANSACTION]
