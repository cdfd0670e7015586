"""Grading processes that do not come up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.errors import AuthorError, OperatorError
from autograder.grading.workers import Workers
from autograder.spec import Course, CourseSpec
from autograder.submission import Submission

DIES = "import os; os.kill(os.getpid(), 9)"
REFUSES = "import sys; print('a check is wrong', file=sys.stderr); sys.exit(4)"


def workers_running(program: str, tmp_path: Path) -> Workers:
    workers = Workers(Course(tmp_path, CourseSpec(course_id="toy")), "toy", 2)
    workers._command = [sys.executable, "-c", program]
    return workers


def test_a_process_that_is_killed_whenever_it_starts_ends_the_run_with_what_to_do(
    tmp_path: Path,
) -> None:
    with (
        workers_running(DIES, tmp_path) as workers,
        pytest.raises(OperatorError, match=r"(?s)ended while it started \(-9\).*fix: "),
    ):
        list(workers.grade([Submission("ada", ())]))


def test_one_that_is_killed_once_while_it_starts_is_started_again(tmp_path: Path) -> None:
    flag = tmp_path / "once"
    dies_once = f"import os, pathlib; p = pathlib.Path({str(flag)!r})\n"
    dies_once += "if not p.exists():\n    p.touch(); os.kill(os.getpid(), 9)\n"
    with (
        workers_running(dies_once + REFUSES, tmp_path) as workers,
        pytest.raises(AuthorError, match="a check is wrong"),  # so it came so far
    ):
        list(workers.grade([Submission("ada", ())]))


def test_an_error_of_ours_in_a_process_is_that_error_here(tmp_path: Path) -> None:
    with (
        workers_running(REFUSES, tmp_path) as workers,
        pytest.raises(AuthorError, match="a check is wrong"),
    ):
        list(workers.grade([Submission("ada", ())]))


def test_a_process_that_grades_with_other_files_than_the_run_began_with_ends_it(
    tmp_path: Path,
) -> None:
    says = "import sys; from autograder.grading import frames\n"
    says += "frames.send(1, frames.Said(setup='other')); sys.stdin.read()\n"
    workers = workers_running(says, tmp_path)
    workers._setup = "this"

    with workers, pytest.raises(OperatorError, match=r"changed since the run began\n  fix: "):
        list(workers.grade([Submission("ada", ())]))
