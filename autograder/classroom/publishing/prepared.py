"""The feedbacks of a class, made from final grades and reports, and written down to be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.classroom.publishing.body import Feedback, Marker, feedback_for
from autograder.classroom.publishing.targets import Stopped, Target
from autograder.errors import OperatorError
from autograder.gradebook.final import FinalGrade
from autograder.grading.stored import UnreadableReportError, read_report
from autograder.messages import _, in_language
from autograder.outputs.pages import write_whole
from autograder.report import student_view
from autograder.spec import AssignmentSpec


class Prepared(msgspec.Struct, frozen=True):
    """The feedbacks of those who have a final grade; of the others, why there is none."""

    feedbacks: Mapping[Target, Feedback]
    stopped: tuple[Stopped, ...]
    missing: tuple[str, ...]  # students who handed in nothing


def prepare(
    spec: AssignmentSpec,
    output: Path,
    grades: Sequence[FinalGrade],
    targets: Iterable[Target],
    markers: Mapping[str, Marker],
) -> Prepared:
    """The feedback of each of ``targets``, in the language of ``spec``.

    ``grades`` are the class's; ``output`` holds its reports.
    """
    by_student = {grade.student: grade for grade in grades}
    feedbacks: dict[Target, Feedback] = {}
    stopped: list[Stopped] = []
    missing: list[str] = []
    for target in targets:
        grade = by_student.get(target.student)
        if grade is not None and grade.status == "missing":
            missing.append(target.student)
            continue
        why = _why_not(grade)
        report = None
        if not why:
            try:
                report = read_report(output, target.student, spec.name)
            except UnreadableReportError as error:
                why = str(error).partition("\n")[0]
            else:
                why = "" if report is not None else _("there is no report")
        if grade is None or report is None:
            stopped.append(Stopped(target.student, why, target.repository))
            continue
        with in_language(spec.language):
            feedbacks[target] = feedback_for(
                grade, student_view(report), spec, markers[target.student]
            )
    return Prepared(feedbacks, tuple(stopped), tuple(missing))


def body_folder(output: Path, assignment: str) -> Path:
    """Where what is to be published can be read before."""
    return output / "build" / "publish" / assignment


def write_bodies(folder: Path, feedbacks: Mapping[Target, Feedback]) -> None:
    """One file for each student, readable to its owner alone; those from before are gone.

    Raises OperatorError where they cannot be written.
    """
    try:
        with contextlib.suppress(FileNotFoundError):
            for old in folder.glob("*.md"):
                old.unlink()
        for target, feedback in feedbacks.items():
            write_whole(folder / f"{target.student}.md", feedback.body.encode())
    except OSError as error:
        raise OperatorError(
            _("{path}: cannot be written: {why}\n  fix: free the disk").format(
                path=folder, why=error.strerror
            )
        ) from error


def _why_not(grade: FinalGrade | None) -> str:
    """Why there is no final grade to be told; nothing where there is one."""
    if grade is None:
        return _("is not in the gradebook")
    if grade.status == "not scored" or grade.score is None:
        return _("not scored yet")
    return ""
