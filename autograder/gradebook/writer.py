"""The one writer of nbgrader's gradebook: scores, late penalties and student-safe comments."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from autograder.errors import OperatorError
from autograder.gradebook.comments import comment_on
from autograder.gradebook.released import Notebook, read_release
from autograder.gradebook.standing import changes_by, naive_utc, standing
from autograder.grading.regrade import Changes, refuse_frozen
from autograder.messages import _
from autograder.report import Report, student_view
from autograder.report.student_view import StudentView
from autograder.spec import AssignmentSpec


class GradebookWriter:
    """Writes reports into one gradebook for as long as its ``with`` block lasts.

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
        self._gradebook: Any = None
        self._exercise_of: dict[str, str] = {}  # id of a grade cell → exercise
        self._commented_in: dict[str, list[str]] = {}  # id of a solution cell → exercises

    def __enter__(self) -> Self:
        """Open the gradebook and register the assignment.

        Raises:
            OperatorError: The database cannot be written.
            AuthorError: It holds grades for other exercises, or for other points.
        """
        with self._errors_named(), contextlib.ExitStack() as undo:
            undo.enter_context(self._open())
            self._refuse_a_database_that_cannot_be_written()
            self._refuse_frozen_changes()
            self._register()
            undo.pop_all()
        return self

    def refuse_frozen_changes(self) -> None:
        """Refuse an assignment that is not the one graded here, and write nothing.

        Raises:
            OperatorError: The database cannot be read.
            AuthorError: It holds grades for other exercises, or for other points.
        """
        with self._errors_named(), self._open():
            self._refuse_frozen_changes()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._gradebook.close()

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
        batch = list(reports)  # no transaction waits for a report that is still being made
        for report in batch:
            self._refuse_other_exercises(report)
        with self._errors_named():
            before = standing(self._gradebook, _nbgrader_api(), self._exercise_of)
        changed = changes_by(batch, before, resubmitted or {}, allow_lower)
        changes([change for change in changed if change is not None])
        with self._errors_named(), self._gradebook.db.no_autoflush:
            for report, change in zip(batch, changed, strict=True):
                self._write(report, keep=change is not None and change.kept)
            self._gradebook.db.commit()

    def _write(self, report: Report, keep: bool) -> None:
        submitted, is_other_file = self._submitted_notebook(report)
        submitted.late_submission_penalty = report.late_penalty
        if keep:
            return
        scores = {exercise.name: exercise.score for exercise in report.exercises}
        for grade in submitted.grades:
            if grade.cell_id in self._exercise_of:
                score = scores.get(self._exercise_of[grade.cell_id])
                if grade.manual_score is None:
                    grade.needs_manual_grade = score is None
                elif is_other_file or grade.auto_score != score:
                    grade.needs_manual_grade = True  # what the person looked at has changed
                grade.auto_score = score
        view = student_view(report)
        for comment in submitted.comments:
            if comment.cell_id in self._commented_in:
                comment.auto_comment = self._comment(view, self._commented_in[comment.cell_id])

    def _submitted_notebook(self, report: Report) -> tuple[Any, bool]:
        """nbgrader's row of this student's notebook, and whether its timestamp is another now."""
        gradebook, name = self._gradebook, self._spec.name
        timestamp = naive_utc(report.submission.submitted_at)
        try:
            submission = gradebook.find_submission(name, report.student)
        except _nbgrader_api().MissingEntry:
            gradebook.update_or_create_student(report.student)
            submission = gradebook.add_submission(name, report.student, timestamp=timestamp)
        is_other_file = submission.timestamp != timestamp
        submission.timestamp = timestamp
        return gradebook.find_submission_notebook(name, name, report.student), is_other_file

    def _comment(self, view: StudentView, exercises: list[str]) -> str:
        titles = {exercise.name: exercise.title for exercise in self._spec.exercises}
        return "\n\n".join(
            comment_on(exercise, titles[exercise.name], view.misconceptions)
            for exercise in view.exercises
            if exercise.name in exercises
        )

    def _register(self) -> None:
        """Make the assignment, its notebook and cells what the spec and the release say."""
        gradebook, name = self._gradebook, self._spec.name
        released = read_release(self._notebook, self._spec) if self._notebook else Notebook()
        gradebook.update_or_create_assignment(name)
        self._drop_removed_exercises(gradebook.update_or_create_notebook(name, name))
        notebook = gradebook.update_or_create_notebook(name, name)  # it may be dropped as a whole
        if self._notebook:
            notebook.kernelspec = msgspec.json.encode(released.metadata.kernelspec).decode()
        for exercise in self._spec.exercises:
            self._register_grade_cell(exercise.name, exercise.points)
        solution_cell_id = None
        for cell in released.cells:
            marks = cell.metadata.nbgrader
            if marks is None or not (marks.grade or marks.solution or marks.locked):
                continue
            gradebook.update_or_create_source_cell(
                marks.grade_id,
                name,
                name,
                cell_type=cell.cell_type,
                source="".join(cell.source),
                locked=not marks.solution,
                checksum=marks.checksum,
            )
            if marks.solution:
                solution_cell_id = self._register_solution_cell(marks.grade_id)
            if marks.grade and solution_cell_id is not None:
                self._commented_in.setdefault(solution_cell_id, []).append(marks.grade_id)
        gradebook.db.commit()

    def _open(self) -> Any:
        with _alembic_on_path():  # a new gradebook asks alembic for its version
            self._gradebook = _nbgrader_api().Gradebook(self._db_url, self._course_id)
        return self._gradebook

    def _refuse_frozen_changes(self) -> None:
        try:
            notebook = self._gradebook.find_notebook(self._spec.name, self._spec.name)
        except _nbgrader_api().MissingEntry:
            return
        if notebook.num_submissions:
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            refuse_frozen(self._spec, points, self._where())

    def _drop_removed_exercises(self, notebook: Any) -> None:
        kept = {exercise.name for exercise in self._spec.exercises}
        if any(cell.name not in kept for cell in notebook.grade_cells):
            self._gradebook.remove_notebook(notebook.name, notebook.name)

    def _register_grade_cell(self, exercise: str, points: int) -> None:
        gradebook, name, api = self._gradebook, self._spec.name, _nbgrader_api()
        try:
            cell = gradebook.find_grade_cell(exercise, name, name)
        except api.MissingEntry:
            cell = gradebook.add_grade_cell(
                exercise, name, name, max_score=points, cell_type="code"
            )
        cell.max_score = points
        self._exercise_of[cell.id] = exercise

    def _register_solution_cell(self, grade_id: str) -> str:
        gradebook, name, api = self._gradebook, self._spec.name, _nbgrader_api()
        try:
            cell = gradebook.find_solution_cell(grade_id, name, name)
        except api.MissingEntry:
            cell = gradebook.add_solution_cell(grade_id, name, name)
            for submitted in cell.notebook.submissions:
                gradebook.db.add(api.Comment(cell_id=cell.id, notebook=submitted))
        return str(cell.id)

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

    def _refuse_a_database_that_cannot_be_written(self) -> None:
        """Find it out now, not after the class is graded: a write that changes nothing.

        And a read of the table that an older nbgrader made with a column less.
        """
        self._gradebook.db.query(_nbgrader_api().SubmittedNotebook).first()
        with self._gradebook.engine.connect() as connection:
            connection.exec_driver_sql("UPDATE course SET id = id WHERE 1 = 0")
            connection.rollback()

    @contextlib.contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Database trouble inside becomes an OperatorError; nothing half done is kept."""
        import sqlalchemy.exc

        api = _nbgrader_api()
        nbgrader_log = logging.getLogger("tornado.application")
        nbgrader_log.addFilter(_nothing)  # it logs a traceback before it raises
        try:
            yield
        except (
            sqlalchemy.exc.SQLAlchemyError,
            api.InvalidEntry,
            api.MissingEntry,
            subprocess.CalledProcessError,
            ImportError,
            OSError,
        ) as error:
            raise OperatorError(self._named(error)) from error
        finally:
            nbgrader_log.removeFilter(_nothing)
            if self._gradebook is not None:
                self._gradebook.db.rollback()  # of what was not committed

    def _named(self, error: Exception) -> str:
        """What, where and how to mend it, without the SQL, which holds students' names."""
        reason = str(getattr(error, "orig", None) or error)
        if "locked" in reason:
            fix = _("close what else writes to it (formgrader, a second grading run) and run again")
        elif "readonly" in reason or "read-only" in reason:
            fix = _("make the file and its folder writable, or name another database with --db")
        elif "unable to open" in reason:
            fix = _("make its folder, and see that you may write there")
        elif "not a database" in reason or "malformed" in reason:
            fix = _(
                "put your backup there, or move the file away and grade again "
                "(grades and comments given by hand are only in that file)"
            )
        elif "no such column" in reason or "no such table" in reason:
            fix = _("nbgrader db upgrade   (an older nbgrader made this gradebook)")
        elif isinstance(error, ImportError):
            fix = _("install that package: it talks to this kind of database")
        else:
            fix = _("see that the address is right and the database answers")
        return _("cannot use the gradebook {where}: {reason}\n  fix: {fix}").format(
            where=self._where(), reason=reason, fix=fix
        )

    def _where(self) -> str:
        """The database's file, or its address without the password."""
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(self._db_url)
        except ArgumentError:
            return _("(its address is none that SQLAlchemy reads)")
        if url.get_backend_name() == "sqlite" and url.database:
            return str(Path(url.database.removeprefix("file:")).absolute())
        return url.render_as_string(hide_password=True)


def _nbgrader_api() -> Any:
    """nbgrader.api, loaded when first needed: students do not install it, and it takes a second."""
    try:
        import nbgrader.api
    except ImportError as error:
        raise OperatorError(
            _(
                "the gradebook is nbgrader's, and it cannot be loaded: {error}\n"
                "  fix: pip install 'convcourse[grade]'   (in the course repository: "
                "pip install -e '.[grade]')"
            ).format(error=error)
        ) from error
    return nbgrader.api


@contextlib.contextmanager
def _alembic_on_path() -> Iterator[None]:
    """Let nbgrader find the ``alembic`` beside this Python, also when no venv is activated."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before or os.defpath])
    try:
        if shutil.which("alembic") is None:  # nbgrader would leave a half-made database
            raise OperatorError(
                _(
                    "nbgrader needs the command alembic, and it is not beside {python}\n"
                    "  fix: pip install --force-reinstall alembic"
                ).format(python=sys.executable)
            )
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


def _nothing(record: logging.LogRecord) -> bool:
    return False
