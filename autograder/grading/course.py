"""Grade a class: find the submissions, grade each, put its report on disk, then count it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder import __version__
from autograder.errors import OperatorError
from autograder.grading.grade import Bench, grade_one
from autograder.grading.secret import FILE_NAME, course_secret, fingerprint
from autograder.grading.session import Runner, run_session
from autograder.messages import _
from autograder.report import Provenance, Report, encode_report
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, Course
from autograder.submission import Form, as_form, find_submissions, read_submission

Progress = Callable[[int, int, Report], None]  # done, total, the report just written


class ClassResult(msgspec.Struct, frozen=True):
    """What grading a folder came to."""

    reports: tuple[Report, ...]
    quarantined: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in has a score."""
        return not self.quarantined and all(r.score is not None for r in self.reports)


def grade_class(
    course: Course,
    assignment: str,
    folder: Path,
    output: Path,
    students: Sequence[str] = (),
    progress: Progress = lambda done, total, report: None,
) -> ClassResult:
    """Grade every submission of ``assignment`` below ``folder``, or those of ``students``.

    A report is on disk, whole, before it is counted.

    Raises:
        OperatorError: The folder, or a student named, is not there; a report cannot be written.
        AuthorError: The assignment or its checks are wrong.
        SandboxError: Student code cannot be isolated here.
    """
    spec = course.assignment(assignment)
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

    def grade_all(runner: Runner) -> None:
        with Sandbox(spec, hidden_files(course, assignment)) as sandbox:
            provenance = _provenance(course, spec, sandbox, secret)
            bench = Bench(spec, runner, sandbox, secret, provenance)
            for student in chosen:
                submission = read_submission(
                    folder, student, assignment, released, spec.limits.file_bytes
                )
                report = grade_one(submission, bench)
                write_report(output, report)
                reports.append(report)
                progress(len(reports), len(chosen), report)

    run_session(
        course.visible_checks(assignment), course.hidden_checks(assignment), spec, grade_all
    )
    return ClassResult(tuple(reports), found.quarantined if not students else ())


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


def report_path(output: Path, student: str, assignment: str) -> Path:
    """Where the report on a student's submission stands."""
    return output / "reports" / student / assignment / "report.json"


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


def _provenance(
    course: Course, spec: AssignmentSpec, sandbox: Sandbox, secret: bytes
) -> Provenance:
    return Provenance(
        grader_version=__version__,
        tests_sha256=_tests_sha256(course, spec.name),
        secret_fingerprint=fingerprint(secret),
        seed="",
        torch=str(sandbox.facts["torch"]),
        python=str(sandbox.facts["python"]),
        sandbox_layers=sandbox.layers,
        graded_at="",
    )


def _tests_sha256(course: Course, assignment: str) -> str:
    """One hash over the names and bytes of all checks of the assignment."""
    digest = hashlib.sha256()
    for folder in (course.visible_checks(assignment), course.hidden_checks(assignment)):
        for path in sorted(folder.glob("*.py")):
            for part in (path.relative_to(course.root).as_posix().encode(), path.read_bytes()):
                digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
