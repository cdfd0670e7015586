"""The desk grades in the background what nbgrader asks for one by one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from autograder.errors import OperatorError, SandboxError
from autograder.grading.run import Options, Step
from autograder.nbgrader import desk as module
from autograder.nbgrader.desk import Desk, desk_of
from autograder.spec import Course, find_course
from tests.autograder.gradebook.made import SPEC, released_notebook, report
from tests.autograder.gradebook.test_writer import grades as grades_of

ASSIGNMENT_TOML = """
title = "Two parts"
[[exercises]]
name = "area"
title = "The area"
points = 6
[[exercises]]
name = "edges"
title = "The edges"
points = 4
"""


class Batches:
    """In the place of grading: what was asked for, and what comes of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.before: Callable[[str], None] = lambda student: None

    def grade_class(
        self, _course: object, _name: str, _folder: Path, _output: Path, _graders: object,
        options: Options, *, progress: Callable[[Step], None], **_others: object,
    ) -> None:  # fmt: skip
        self.asked.append(options.students)
        for number, student in enumerate(options.students):
            self.before(student)
            progress(Step(number, len(options.students), report(student), cached=False))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.toml").write_text('course_id = "course"\n')
    for name in ("assignments/shapes", "solutions/shapes", "tests/visible/shapes",
                 "tests/hidden/shapes"):  # fmt: skip
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "solutions/shapes/assignment.toml").write_text(ASSIGNMENT_TOML)
    notebook = tmp_path / "assignments" / "shapes" / "shapes.ipynb"
    notebook.write_bytes(msgspec.json.encode(released_notebook()))
    for student in ("ada", "bo", "cy", "Not An Id"):
        (tmp_path / "submitted" / student / "shapes").mkdir(parents=True)
    return find_course(tmp_path)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Batches]:
    made = Batches()
    monkeypatch.setattr(module, "grade_class", made.grade_class)
    yield made


@pytest.fixture
def desk(course: Course, database: Path, batches: Batches) -> Desk:
    return Desk(course, "shapes", course.root / "submitted", f"sqlite:///{database}")


def test_those_who_are_asked_for_next_are_graded_in_the_same_go(desk, batches):
    steps = [desk.graded(student, ["ada", "bo", "cy"]) for student in ("ada", "bo", "cy")]

    assert [step.report.student for step in steps] == ["ada", "bo", "cy"]
    assert batches.asked == [("ada", "bo", "cy")]


def test_who_is_asked_for_again_is_looked_at_again(desk, batches):
    desk.graded("ada")
    desk.graded("ada")

    assert batches.asked == [("ada",), ("ada",)]


def test_a_folder_that_is_no_students_has_an_error_of_its_own_and_stops_nobody(desk, batches):
    upcoming = ["Not An Id", "ada", "bo"]

    with pytest.raises(OperatorError, match="Not An Id: is no student id"):
        desk.graded("Not An Id", upcoming)

    assert desk.graded("ada", upcoming).report.student == "ada"
    assert batches.asked == [("ada", "bo")]


def test_who_is_not_there_is_told_so(desk):
    with pytest.raises(OperatorError, match="zoe: is not there"):
        desk.graded("zoe")


def test_what_stops_grading_is_raised_for_everybody_after_it(desk, batches):
    def no_sandbox(student: str) -> None:
        if student == "bo":
            raise SandboxError("no sandbox")

    batches.before = no_sandbox
    upcoming = ["ada", "bo", "cy"]

    assert desk.graded("ada", upcoming).report.student == "ada"
    for student in ("bo", "cy"):
        with pytest.raises(SandboxError):
            desk.graded(student, upcoming)


def test_no_score_is_written_as_none_and_flagged(desk, database):
    desk.write(Step(1, 1, report("ada", None, 4), cached=False))

    assert grades_of(database, "ada")["area"]["auto_score"] is None
    assert grades_of(database, "ada")["area"]["needs_manual_grade"]


@pytest.mark.parametrize(("resubmitted", "stands"), [(False, 6), (None, 6), (True, 2)])
def test_a_higher_score_stays_unless_another_file_was_handed_in(
    desk, database, resubmitted, stands
):
    desk.write(Step(1, 1, report("ada", 6), cached=False))

    desk.write(Step(1, 1, report("ada", 2), cached=False, resubmitted=resubmitted))

    assert grades_of(database, "ada")["area"]["auto_score"] == stands


def test_each_run_of_nbgraders_has_a_desk_of_its_own(course, database):
    one, other = SimpleRun(), SimpleRun()

    def of(run: object) -> Desk:
        return desk_of(run, course, "shapes", course.root / "submitted", f"sqlite:///{database}")

    assert of(one) is of(one)
    assert of(one) is not of(other)


class SimpleRun(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__  # type: ignore[assignment]


def test_a_program_that_ends_early_waits_for_no_more_than_what_is_being_graded():
    program = """
        from types import SimpleNamespace
        from autograder.nbgrader.desk import _Batch

        def grade(students, done):
            try:
                for student in students:
                    done(SimpleNamespace(report=SimpleNamespace(student=student)))
                    print("graded", student, flush=True)
                    asked.wait()
            finally:
                print("cleaned up", flush=True)

        import atexit, threading
        asked = threading.Event()
        batch = _Batch([str(number) for number in range(1_000_000)], grade)
        batch.take("0")
        atexit.register(asked.set)  # before the batch is told to stop
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )

    lines = done.stdout.split("\n")
    assert lines[-2] == "cleaned up"
    assert len(lines) < 1_000_000


def test_the_spec_of_these_tests_is_the_one_on_the_disk(course: Any):
    assert course.assignment("shapes") == SPEC
