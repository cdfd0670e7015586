"""A small course whose graders are made up, and note whom they were asked to grade."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder import cli
from autograder.grading.stored import pending_path
from autograder.report import Report
from autograder.submission import Form, Submission
from tests.autograder.grading.real_class import contents
from tests.autograder.grading.test_regrade import Toy, report

RELEASED = [
    {"cell_type": "code", "source": "x = 0\n",
     "metadata": {"nbgrader": {"grade_id": "answer", "grade": False, "solution": True}}},
    {"cell_type": "code", "source": "",
     "metadata": {"nbgrader": {"grade_id": "one", "grade": True, "points": 100}}},
]  # fmt: skip


class Counting(Toy):
    """A course whose graders note whom they were asked to grade."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []
        self.on_time: dict[str, int] = {}  # what a version from before the deadline comes to
        self.check = root / "tests" / "hidden" / "toy" / "test_x.py"
        self.check.write_text("")
        (root / "assignments" / "toy" / "toy.ipynb").write_bytes(notebook(*RELEASED))

    def grades(self, *arguments: str) -> list[str]:
        """Who is graded when the command is run again."""
        self.asked.clear()
        assert cli.run(["grade", *arguments]) in (0, 1)
        return sorted(self.asked)

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[Any]:
        """nbgrader's own view of it."""
        from nbgrader import api

        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "toy") as opened:
            yield opened
            opened.db.commit()

    def stands(self, student: str) -> Report:
        """The report on the disk."""
        found = self.report(student)
        assert found is not None
        return found


class CountingGraders:
    """Come to what the course says, and note whom."""

    def __init__(self, course: Counting) -> None:
        self._course = course

    def grade(self, submissions: Iterable[Submission]) -> Iterator[tuple[Submission, Report]]:
        for submission in submissions:
            self._course.asked.append(submission.student)
            student = submission.student
            latest = report_on(submission.forms, self._course.comes_to[student], student)
            if submission.on_time:
                earlier = report_on(submission.on_time, self._course.on_time[student], student)
                file = msgspec.structs.replace(earlier.submission, on_time_version=True)
                earlier = msgspec.structs.replace(earlier, submission=file)
                latest = msgspec.structs.replace(latest, other_version=earlier)
            yield submission, latest


def report_on(forms: Sequence[Form], score: int | None, student: str) -> Report:
    """A report of ``score`` on the first of ``forms``."""
    form = next(iter(forms), None)
    made = report(score, None, student)
    file = msgspec.structs.replace(
        made.submission, file=form and form.file, sha256=form and form.sha256
    )
    return msgspec.structs.replace(made, submission=file)


def notebook(*cells: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"metadata": {}, "cells": cells, "nbformat": 4})


def write_by_hand(course: Counting, student: str) -> None:
    with course.gradebook() as opened:
        opened.find_grade("one", "toy", "toy", student).manual_score = 55.0
        opened.find_grade("one", "toy", "toy", student).extra_credit = 2.0
        opened.find_comment("answer", "toy", "toy", student).manual_comment = "Well tried."


def by_hand(course: Counting, student: str) -> tuple[float, float, str]:
    with course.gradebook() as opened:
        grade = opened.find_grade("one", "toy", "toy", student)
        comment = opened.find_comment("answer", "toy", "toy", student)
        return grade.manual_score, grade.extra_credit, comment.manual_comment


def state(course: Counting) -> tuple[dict[str, Report], dict[str, list[Any]]]:
    """Reports and gradebook; none waits any more."""
    students = sorted(path.name for path in (course.root / "submitted").iterdir())
    assert not [s for s in students if pending_path(course.root, s, "toy").exists()]
    return {s: course.stands(s) for s in students}, contents(course.root / "gradebook.db")
