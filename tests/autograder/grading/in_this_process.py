"""Graders without a process of their own, for tests that bring their own sandbox or bench."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.grading.bench import with_bench
from autograder.grading.grade import Bench, grade_one
from autograder.grading.secret import course_secret
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import Submission


class InThisProcess:
    """Grades as a worker does, here."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        self._assignment = assignment

    def grade(self, submissions: Iterable[Submission]) -> Iterator[tuple[Submission, Report]]:
        graded: list[tuple[Submission, Report]] = []

        def grade_all(bench: Bench) -> None:
            graded.extend((one, grade_one(one, bench)) for one in submissions)

        course = self._course
        spec = course.assignment(self._assignment)
        with_bench(course, spec, course_secret(course.root), grade_all)
        return iter(graded)
