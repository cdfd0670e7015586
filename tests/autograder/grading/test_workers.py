"""Grading processes as they come up, and those that do not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.errors import AuthorError, OperatorError
from autograder.grading.workers import Workers
from autograder.spec import Course, CourseSpec
from autograder.submission import Submission

WAITS = "import sys; sys.stdin.read()"
DIES = "import os; os.kill(os.getpid(), 9)"
REFUSES = "import sys; print('a check is wrong', file=sys.stderr); sys.exit(4)"


def workers_running(program: str, tmp_path: Path, expected: int = 0) -> Workers:
    course = Course(tmp_path, CourseSpec(course_id="toy"))
    workers = Workers(course, "toy", 2, expected=expected)
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


@pytest.mark.parametrize(("expected", "started"), [(0, 0), (1, 1), (5, 2)])
def test_processes_for_what_is_expected_start_at_once_and_no_more_than_the_jobs(
    expected: int, started: int, tmp_path: Path
) -> None:
    with workers_running(WAITS, tmp_path, expected) as workers:
        assert len(workers._workers) == started


def test_a_process_that_was_started_at_once_is_given_the_first_submission(tmp_path: Path) -> None:
    says_whose = "import sys; from autograder.grading import frames\n"
    says_whose += "sys.exit('FAILED on ' + frames.receive_submission(0).student)\n"
    with (
        workers_running(says_whose, tmp_path, expected=2) as workers,
        pytest.raises(OperatorError, match="FAILED on ada"),
    ):
        list(workers.grade([Submission("ada", ())]))


def test_where_none_can_be_started_at_once_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    workers = workers_running(WAITS, tmp_path, expected=2)
    workers._command = [str(tmp_path / "missing")]

    with pytest.raises(FileNotFoundError), workers:
        pass

    assert list(tmp_path.iterdir()) == []


STARTS = """
import gc
from autograder.grading import bench, worker
bench.with_bench = lambda *arguments: print(gc.isenabled(), gc.get_freeze_count() > 10_000)
worker.main({root!r}, "convolutions")
"""


def test_the_collector_runs_while_grading_and_leaves_what_was_imported_alone() -> None:
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", STARTS.format(root=root)], capture_output=True, text=True, check=True
    )

    assert done.stderr.split() == ["True", "True"]  # where what a check prints goes, too
