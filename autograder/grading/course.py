"""Grade a class: find the submissions, grade each, put its report on disk, then count it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.grading.bench import make_bench
from autograder.grading.grade import grade_one
from autograder.grading.regrade import (
    Change,
    Changes,
    is_regrade,
    read_report,
    refuse_other_exercises,
    report_path,
    settle,
)
from autograder.grading.secret import FILE_NAME, course_secret
from autograder.grading.session import Runner, run_session
from autograder.messages import _
from autograder.report import Report, encode_report
from autograder.sandbox.host import Sandbox
from autograder.spec import Course
from autograder.submission import Form, as_form, find_submissions, read_submission

Progress = Callable[[int, int, Report], None]  # done, total, the report just written


class ClassResult(msgspec.Struct, frozen=True):
    """What grading a folder came to.

    ``reports`` are those that stand, a new one or the one from before for each student;
    ``resubmitted`` says of those who had a report on a file whether they have handed in other
    files since.
    """

    reports: tuple[Report, ...]
    quarantined: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    resubmitted: Mapping[str, bool] = {}

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in came to a score."""
        return (
            not self.quarantined
            and all(report.score is not None for report in self.reports)
            and all(change.now is not None for change in self.changes)
        )


def grade_class(
    course: Course,
    assignment: str,
    folder: Path,
    output: Path,
    students: Sequence[str] = (),
    progress: Progress = lambda done, total, report: None,
    changes: Changes = lambda changes: None,
    allow_lower: bool = False,
) -> ClassResult:
    """Grade every submission of ``assignment`` below ``folder``, or those of ``students``.

    A report is on disk, whole, before it is counted. Where its score is another one than that of
    the report on the disk, it waits until all are graded, and ``changes`` is told of it first.
    ``allow_lower`` lets a regrade lower a score; without it the report from before stays.

    Raises:
        OperatorError: The folder, or a student named, is not there; a report cannot be written,
            or one from before cannot be read.
        AuthorError: The assignment or its checks are wrong, or its exercises are no longer those
            that the reports in ``output`` hold grades for.
        SandboxError: Student code cannot be isolated here.
    """
    spec = course.assignment(assignment)
    refuse_other_exercises(spec, output)
    secret = course_secret(course.root)
    found = find_submissions(folder)
    unknown = set(students) - set(found.students)
    if unknown:
        raise OperatorError(
            _("{folder}: there is no student {names}\n  fix: one of {known}").format(
                folder=folder, names=", ".join(sorted(unknown)), known=", ".join(found.students)
            )
        )
    chosen = [s for s in found.students if not students or s in students]
    released = released_forms(course, assignment)
    reports: list[Report] = []
    changed: list[Change] = []
    waiting: list[Report] = []
    resubmitted: dict[str, bool] = {}

    def grade_all(runner: Runner) -> None:
        with Sandbox(spec, hidden_files(course, assignment)) as sandbox:
            bench = make_bench(course, spec, runner, sandbox, secret)
            for student in chosen:
                submission = read_submission(
                    folder, student, assignment, released, spec.limits.file_bytes
                )
                before = read_report(output, student, assignment)
                handed_in = [form.sha256 for form in submission.forms]
                settled = settle(before, grade_one(submission, bench), handed_in, allow_lower)
                if before is not None and before.submission.sha256 is not None:
                    resubmitted[student] = not is_regrade(before, handed_in)
                if settled.change is None:
                    write_report(output, settled.report)
                else:
                    changed.append(settled.change)
                    if settled.report != before:
                        waiting.append(settled.report)
                reports.append(settled.report)
                progress(len(reports), len(chosen), settled.report)

    run_session(
        course.visible_checks(assignment), course.hidden_checks(assignment), spec, grade_all
    )
    changes(changed)
    for report in waiting:
        write_report(output, report)
    set_aside = found.quarantined if not students else ()
    return ClassResult(tuple(reports), set_aside, tuple(changed), resubmitted)


def hidden_files(course: Course, assignment: str) -> list[Path]:
    """Samples of what no student code may read: hidden checks, the solution, the secret.

    Only files of the course's own: a student's may be a link to anywhere.
    """
    hidden = sorted(course.hidden_checks(assignment).glob("*.py"))
    return [*hidden[:2], course.source(assignment), course.root / FILE_NAME]


def released_forms(course: Course, assignment: str) -> list[Form]:
    """The notebook and the script as students were given them; what was not released is absent."""
    folder = course.release(assignment)
    return [
        as_form(path.name, path.read_bytes(), assignment)
        for path in (folder / f"{assignment}.ipynb", folder / f"{assignment}.py")
        if path.exists()
    ]


def write_report(output: Path, report: Report) -> None:
    """Write the report whole or not at all, and have it on the disk. Raises OperatorError."""
    path = report_path(output, report.student, report.assignment)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                file.write(encode_report(report))
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OperatorError(
            _(
                "{path}: the report cannot be written: {why}\n  fix: free the disk or make the "
                "folder writable, then run the same command again"
            ).format(path=path, why=error.strerror)
        ) from error
