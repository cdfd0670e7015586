"""What authors of checks import: the mark, the assertion, the seeded drawing, the student."""

from autograder.checks.asserts import Comparison, Mismatch, assert_close, recording
from autograder.checks.declare import CheckInfo, check, check_info
from autograder.checks.drawing import Draw
from autograder.checks.student import Answer, Gradients, Layer, Parameter, Student
from autograder.checks.trace import Exchange, Trace
from autograder.errors import FailureKind, StudentFailure

__all__ = [
    "Answer",
    "CheckInfo",
    "Comparison",
    "Draw",
    "Exchange",
    "FailureKind",
    "Gradients",
    "Layer",
    "Mismatch",
    "Parameter",
    "Student",
    "StudentFailure",
    "Trace",
    "assert_close",
    "check",
    "check_info",
    "recording",
]
