"""Killed at any moment: the same command finishes the class, as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.autograder.grading.real_class import (
    ASLEEP,
    DEADLY,
    RIGHT,
    STUDENTS,
    WRONG,
    Processes,
    RealClass,
    as_from_a_terminal,
    contents,
    kill,
    named_in_commands,
    until,
)

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")


def handed_in(folder: Path, output: Path | None = None) -> RealClass:
    made = RealClass(folder, output)
    made.hand_in(RIGHT, STUDENTS[::2])
    made.hand_in(WRONG, STUDENTS[1::2])
    return made


Whole = tuple[dict[str, Any], dict[str, Any]]  # the reports, and what the gradebook holds


class Undisturbed(NamedTuple):
    """A class graded in one go."""

    once: Whole
    folder: Path  # as it was then
    again: Whole  # when four of them have handed in other files


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    made = handed_in(tmp_path_factory.mktemp("undisturbed"))
    assert made.grade().returncode == 0
    once = whole(made)
    folder = Path(shutil.copytree(made.root, made.root.with_name("once")))
    hand_in_again(made)
    assert made.grade().returncode == 0
    return Undisturbed(once, folder, whole(made))


def hand_in_again(made: RealClass) -> None:
    made.hand_in(RIGHT + "# better\n", STUDENTS[1::2])


def whole(made: RealClass) -> Whole:
    assert made.left_behind() == []
    return made.reports(), contents(made.gradebook)


def ended(started: Processes, made: RealClass) -> None:
    """Wait until they have ended by themselves, and see that nothing is left of them."""
    until(lambda: not started.left() and not named_in_commands(made.temporary))
    assert list(made.temporary.iterdir()) == []


class Locked:
    """Somebody else writes to the gradebook for as long as the ``with`` block lasts."""

    def __init__(self, gradebook: Path) -> None:
        self._gradebook = gradebook

    def __enter__(self) -> None:
        self._database = sqlite3.connect(self._gradebook, isolation_level=None, timeout=60)
        self._database.execute("begin immediate")

    def __exit__(self, *error: object) -> None:
        self._database.execute("rollback")
        self._database.close()


# --- SIGKILL --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(lambda made: made.gradebook.exists(), id="the gradebook is being made"),
        pytest.param(lambda made: made.count() >= len(STUDENTS) / 2, id="half of them are"),
    ],
)
def test_a_class_killed_on_its_way_is_finished_by_the_same_command(
    there: Callable[[RealClass], bool], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    made = handed_in(tmp_path)
    process = made.start()
    until(lambda: there(made), process)

    ended(kill(process), made)
    again = made.grade()

    assert process.returncode == -signal.SIGKILL
    assert again.returncode == 0, again.stderr
    assert whole(made) == undisturbed.once


def test_killed_when_all_reports_are_there_and_the_gradebook_has_none(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    made = handed_in(tmp_path)
    process = made.start()
    until(lambda: made.count() >= 1, process)
    with Locked(made.gradebook):
        until(lambda: made.count() == len(STUDENTS), process)

        ended(kill(process), made)

    again = made.grade()

    assert f"{len(STUDENTS)} unchanged since they were graded" in again.stdout
    assert whole(made) == undisturbed.once


def test_killed_while_scores_that_change_wait_beside_the_old_ones(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    made = RealClass(tmp_path)
    shutil.copytree(undisturbed.folder, made.root, dirs_exist_ok=True)
    hand_in_again(made)
    process = made.start()
    until(lambda: made.count(pending=True) >= 1, process)
    with Locked(made.gradebook):
        until(lambda: made.count(pending=True) == len(STUDENTS) / 2, process)

        ended(kill(process), made)

    before = {student: report["score"] for student, report in made.reports().items()}
    again = made.grade()

    assert before == {student: (3, 0)[number % 2] for number, student in enumerate(STUDENTS)}
    assert "bo 0 → 3" in again.stdout
    assert f"{len(STUDENTS)} unchanged since they were graded" in again.stdout
    assert whole(made) == undisturbed.again


# --- A grading process that dies ------------------------------------------------------------------


def test_a_grading_process_that_is_killed_costs_a_retry_and_nothing_else(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    made = handed_in(tmp_path)
    process = made.start()
    until(lambda: made.count() >= 1, process)
    started = Processes(process.pid)
    [worker] = started.of("autograder.grading.worker")

    os.kill(worker, signal.SIGKILL)

    process.communicate()
    assert process.returncode == 0
    ended(started, made)
    assert whole(made) == undisturbed.once


def test_a_submission_under_which_grading_dies_every_time_has_no_score_and_the_others_theirs(
    tmp_path: Path,
) -> None:
    made = handed_in(tmp_path)
    made.hand_in(DEADLY, ["dot"])

    done = made.grade()

    scores = {student: report["score"] for student, report in made.reports().items()}
    assert done.returncode == 1
    assert "not graded: dot: grading this one ended the grading process again" in done.stdout
    assert scores.pop("dot") is None
    assert scores == {student: (3, 0)[number % 2] for number, student in enumerate(STUDENTS)}
    assert made.left_behind() == []


# --- A disk that is full --------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(512)):
            pass
    return filler


def test_a_disk_that_fills_is_told_with_a_fix_and_with_room_the_same_command_finishes(
    undisturbed: Undisturbed, small_disk: Path, tmp_path: Path
) -> None:
    made = handed_in(tmp_path, small_disk)
    filler = fill(small_disk)
    at_once = made.grade()
    filler.unlink()
    process = made.start()
    until(lambda: made.count() >= 1, process)
    filler = fill(small_disk)
    error = process.communicate()[1]
    left = made.left_behind()
    filler.unlink()

    again = made.grade()

    assert (at_once.returncode, process.returncode, again.returncode) == (2, 2, 0)
    for said in (at_once.stderr, error):
        assert "fix: " in said and "Traceback" not in said
    assert left == []
    assert whole(made) == undisturbed.once


# --- Asked to stop --------------------------------------------------------------------------------


@pytest.mark.parametrize(("signal_number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_asked_to_stop_it_waits_for_no_student_says_how_to_go_on_and_leaves_nothing(
    signal_number: int, code: int, tmp_path: Path
) -> None:
    made = RealClass(tmp_path)
    made.hand_in(RIGHT, ["ada"])
    made.hand_in(ASLEEP, ["zoe"])  # for minutes: longer than `communicate` waits here
    process = made.start(preexec_fn=as_from_a_terminal)
    until(lambda: made.count() == 1, process)
    started = Processes(process.pid)

    os.killpg(process.pid, signal_number)

    error = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "stopped" in error and "the same command goes on from there" in error
    assert "Traceback" not in error
    ended(started, made)
    assert made.left_behind() == []
    made.hand_in(RIGHT, ["zoe"])
    again = made.grade()
    assert "1 submission graded" in again.stdout and "1 unchanged" in again.stdout
