"""What the tests of our part in nbgrader share."""

from tests.autograder.grading.conftest import counted, empty_counting_gradebook

__all__ = ["counted", "empty_counting_gradebook"]
