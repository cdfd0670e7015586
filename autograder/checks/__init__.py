"""What authors of checks import: the mark, the assertion, the seeded drawing, the student."""

from autograder.checks.asserts import Mismatch, assert_close
from autograder.checks.declare import CheckInfo, check, check_info
from autograder.checks.drawing import Draw
from autograder.checks.student import Answer, Gradients, Layer, Parameter, Student
from autograder.errors import FailureKind, StudentFailure

__all__ = [
    "Answer",
    "CheckInfo",
    "Draw",
    "FailureKind",
    "Gradients",
    "Layer",
    "Mismatch",
    "Parameter",
    "Student",
    "StudentFailure",
    "assert_close",
    "check",
    "check_info",
]
