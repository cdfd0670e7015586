"""A small class with reports, final grades and repositories, to be published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from autograder.classroom.collected import Collected, Collection, write_collection
from autograder.classroom.publishing.class_feedback import Told, Wanted, publish_class
from autograder.gradebook.final import FinalExercise, FinalGrade
from autograder.grading.stored import write_report
from autograder.report import (
    CheckResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Report,
    SubmittedFile,
    Visibility,
)
from autograder.spec import Course, find_course
from tests.autograder.classroom.fake_github import FakeClock, FakeGitHub, a_repository

A = "sums"
ASSIGNMENT = """
title = "Two sums"
[[exercises]]
name = "e"
title = "The sum"
points = 3
"""


def report_of(student: str, score: int | None = 1, **more: Any) -> Report:
    failed = CheckResult(
        name="t", title="It adds", visibility=Visibility.VISIBLE, outcome=Outcome.FAILED, score=0,
        max_score=2, message=f"{student} forgot one", detail="SECRET", hint="Count again.",
    )  # fmt: skip
    passed = CheckResult(
        name="u", title="It is there", visibility=Visibility.HIDDEN, outcome=Outcome.PASSED,
        score=1, max_score=1,
    )  # fmt: skip
    return Report(
        assignment=A, student=student, score=score, max_score=3,
        submission=SubmittedFile(file="a", sha256="b"),
        exercises=(
            ExerciseResult(name="e", score=score, max_score=3, checks=(failed, passed)),
        ),
        duration_seconds=0.0,
        provenance=Provenance(
            grader_version="", tests_sha256="", secret_fingerprint="", seed="", torch="",
            python="", sandbox_layers=(), graded_at="",
        ),
        **more,
    )  # fmt: skip


def grade_of(student: str, score: float | None = 1.0, **more: Any) -> FinalGrade:
    made = FinalGrade(
        student=student, status="graded", raw_score=score, late_penalty=0.0, score=score,
        max_score=3.0,
        exercises=(FinalExercise(name="e", title="The sum", score=score, max_score=3.0),),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


class Class(NamedTuple):
    course: Course
    folder: Path
    github: FakeGitHub
    clock: FakeClock

    @property
    def root(self) -> Path:
        return self.course.root

    def collect(self, *collected: Collected) -> None:
        write_collection(self.folder, Collection(assignment=A, collected=collected))

    def publish(
        self, *, grades: Sequence[FinalGrade] | None = None, gh: Any = None, **wanted: Any
    ) -> Told:
        """Publish, with what is asked for in ``wanted``; by default it is done."""
        wanted = {"is_done": True, **wanted}
        if grades is None:
            grades = [grade_of(student) for student in STUDENTS]
        return publish_class(
            self.course, A, self.folder, self.root, grades, Wanted(**wanted),
            lambda: gh or self.github, clock=self.clock,
        )  # fmt: skip

    def actions(self, **more: Any) -> dict[str, str]:
        return {step.target.student: step.action for step in self.publish(**more).steps}

    def bodies(self, student: str) -> list[str]:
        """What stands in the student's repository, of ours."""
        one = self.github.repositories[f"org/sums-{student}-x"]
        posts = [*one["issues"], *(post for posts in one["comments"].values() for post in posts)]
        return [post["body"] for post in posts if post["user"]["login"] == "teacher"]


STUDENTS = ("ada", "bob", "cyd")


def collected(student: str, /, **more: Any) -> Collected:
    """Student ada has the account ada-x."""
    return Collected(
        **{
            "student": student, "source": "github", "origin": student,
            "repository": f"org/sums-{student}-x", "github_username": f"{student}-x", **more,
        }
    )  # fmt: skip


def repositories() -> dict[str, dict[str, Any]]:
    return {
        f"org/sums-{student}-x": a_repository(number, f"{student.upper()}-x")
        for number, student in enumerate(STUDENTS, start=11)
    }


def made_class(root: Path, **state: Any) -> Class:
    """The class in ``root``, collected and graded, and nothing published yet."""
    (root / "course.toml").write_text('course_id = "c"\n')
    (root / "solutions" / A).mkdir(parents=True)
    (root / "solutions" / A / "assignment.toml").write_text(ASSIGNMENT)
    folder = root / "submitted"
    folder.mkdir()
    for student in STUDENTS:
        write_report(root, report_of(student))
    clock = FakeClock()
    github = FakeGitHub({"repositories": repositories(), **state}, clock)
    made = Class(find_course(root), folder, github, clock)
    made.collect(*map(collected, STUDENTS))
    return made
