"""The automatic result of one submission, and the part of it that students see."""

from autograder.report.model import (
    CheckResult,
    Descent,
    Drawing,
    ExerciseResult,
    Grid,
    MisconceptionText,
    Outcome,
    Provenance,
    Remark,
    Report,
    SubmittedFile,
    Visibility,
    decode_report,
    encode_report,
)
from autograder.report.student_view import (
    MisconceptionView,
    StudentView,
    student_view,
    without_pictures,
)

__all__ = [
    "CheckResult",
    "Descent",
    "Drawing",
    "ExerciseResult",
    "Grid",
    "MisconceptionText",
    "MisconceptionView",
    "Outcome",
    "Provenance",
    "Remark",
    "Report",
    "StudentView",
    "SubmittedFile",
    "Visibility",
    "decode_report",
    "encode_report",
    "student_view",
    "without_pictures",
]
