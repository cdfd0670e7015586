"""The student's own practice: visible checks on their own machine, no secrets, no isolation."""

from autograder.student.notebook import check

__all__ = ["check"]
