"""What goes out of a class: each student's final grade with what may be told of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.classroom.collected import Collected, Collection
from autograder.gradebook.final import FinalExercise, FinalGrade
from autograder.grading.stored import UnreadableReportError, read_report
from autograder.messages import in_language
from autograder.outputs.exports.model import Exported, ExportedCheck, ExportedExercise, in_points
from autograder.report import StudentView, student_view
from autograder.report.student_view import ExerciseView
from autograder.spec import AssignmentSpec


def exported_class(
    grades: Iterable[FinalGrade], spec: AssignmentSpec, output: Path, collection: Collection | None
) -> tuple[tuple[Exported, ...], tuple[str, ...]]:
    """What every export is made of, and a notice for each report that cannot be read.

    Args:
        grades: The final grades.
        spec: The assignment.
        output: The course root that holds the reports.
        collection: Where the work came from, where it was collected.
    """
    origins = {one.student: one for one in collection.collected} if collection else {}
    made, notices = [], []
    for grade in grades:
        view = None
        try:
            report = read_report(output, grade.student, spec.name)
        except UnreadableReportError as error:
            notices.append(str(error))
        else:
            if report is not None:
                with in_language(spec.language):  # what students read
                    view = student_view(report)
        made.append(exported(grade, spec, view, origins.get(grade.student)))
    return tuple(made), tuple(notices)


def exported(
    grade: FinalGrade, spec: AssignmentSpec, view: StudentView | None, origin: Collected | None
) -> Exported:
    """One student's: the points are the gradebook's, the checks what the student may see."""
    views = {one.name: one for one in view.exercises} if view else {}
    mistakes = {one.name: one.sentence for one in view.misconceptions} if view else {}
    submitted_at = grade.submitted_at or (origin.submitted_at if origin else None)
    return Exported(
        assignment=spec.name,
        title=spec.title,
        student=grade.student,
        last_name=grade.last_name,
        first_name=grade.first_name,
        email=grade.email,
        status=grade.status,
        score=_points(grade.score),
        max_score=in_points(grade.max_score),
        raw_score=_points(grade.raw_score),
        late_penalty=_points(grade.late_penalty),
        submitted_at=submitted_at,
        exercises=tuple(_exercise(one, views, mistakes) for one in grade.exercises),
        remarks=view.remarks if view else (),
        repository=origin.repository if origin else None,
        commit=origin.commit if origin else None,
        tag=origin.tag if origin else None,
        username=origin.github_username if origin else None,
    )


def _exercise(
    final: FinalExercise, views: Mapping[str, ExerciseView], mistakes: dict[str, str]
) -> ExportedExercise:
    """One exercise; what it tells of ``mistakes`` is taken out, so that each is told once."""
    view = views.get(final.name)
    same = view is not None and view.score == final.score
    checks = view.checks if view is not None and same else ()
    return ExportedExercise(
        name=final.name,
        title=final.title,
        score=_points(final.score),
        max_score=in_points(final.max_score),
        differs=view is not None and not same,
        checks=tuple(
            ExportedCheck(
                title=check.title,
                hidden=check.hidden,
                outcome=check.outcome,
                score=check.score,
                max_score=check.max_score,
                message=check.message,
                mistake=mistakes.pop(check.misconception or "", ""),
                hint=check.hint,
            )
            for check in checks
        ),
    )


def _points(score: float | None) -> float | None:
    return None if score is None else in_points(score)
