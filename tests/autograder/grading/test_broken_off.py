"""A run that ends where it must not: at any step, without room, or without its gradebook."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.gradebook.writer import GradebookWriter
from autograder.grading import run
from autograder.grading.stored import report_path
from tests.autograder.grading.counting import Counting, by_hand, state, write_by_hand

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

# nbgrader's own writing of comments and grades is told so by SQLAlchemy; nothing of ours is.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <.*> not in session")

Said = pytest.CaptureFixture[str]


# --- Killed at each of its steps ------------------------------------------------------------------


class KilledError(BaseException):
    """Nothing of ours takes it for an error."""


STEPS = ("write_report", "write_pending", "settle_pending", "drop_pending")


def kill_before_step(number: int, patch: pytest.MonkeyPatch) -> None:
    """Let the command end before the step of this number that writes to disk or gradebook."""
    left = number

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def counted_step(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KilledError
            return step(*arguments, **options)

        return counted_step

    for name in STEPS:
        patch.setattr(run, name, counted(getattr(run, name)))
    patch.setattr(GradebookWriter, "write", counted(GradebookWriter.write))
    patch.setattr(run, "_BATCH", 2)


def test_killed_before_each_of_its_steps_the_same_command_ends_as_if_it_had_not_been(
    graded: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_by_hand(graded, "bo")
    graded.hand_in("x = 2\n", ada=85, bo=70, cy=40, dee=50, eve=None)
    before = Path(shutil.copytree(graded.root, tmp_path / "before"))
    graded.grades()
    undisturbed = state(graded)
    steps = 0

    for number in range(100):
        shutil.rmtree(graded.root)
        shutil.copytree(before, graded.root)
        monkeypatch.chdir(graded.root)
        with monkeypatch.context() as patch:
            kill_before_step(number, patch)
            with contextlib.suppress(KilledError):
                graded.grades()
                break
        graded.grades()
        assert state(graded) == undisturbed, f"killed before step {number}"
        steps = number

    assert steps > 10, "so many there are"
    assert state(graded) == undisturbed
    assert by_hand(graded, "bo") == (55.0, 2.0, "Well tried.")


# --- A gradebook that cannot be written -----------------------------------------------------------


@contextlib.contextmanager
def somebody_writes(gradebook: Path) -> Iterator[None]:
    database = sqlite3.connect(gradebook, isolation_level=None)
    database.execute("begin immediate")
    try:
        yield
    finally:
        database.execute("rollback")
        database.close()


def test_a_locked_gradebook_is_told_before_anything_is_graded_and_the_same_command_goes_on(
    graded: Counting, capsys: Said
) -> None:
    path = graded.root / "gradebook.db"
    command = ["grade", "--db", f"sqlite:///{path}?timeout=0.1"]
    graded.hand_in(cy=10)
    graded.asked.clear()

    with somebody_writes(path):
        code = cli.run(command)
    error = capsys.readouterr().err

    assert (code, graded.asked) == (2, [])
    assert "locked" in error and "fix: close what else writes to it" in error
    assert cli.run(command) == 0
    assert graded.scores()["cy"] == (10, 10)


def test_a_gradebook_that_is_locked_meanwhile_costs_no_report(
    graded: Counting, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = graded.root / "gradebook.db"
    command = ["grade", "--db", f"sqlite:///{path}?timeout=0.1"]
    graded.hand_in("x = 2\n", ada=85, cy=10)
    write = GradebookWriter.write

    def write_while_locked(*arguments: Any) -> None:
        with somebody_writes(path):
            write(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(GradebookWriter, "write", write_while_locked)
        code = cli.run(command)
    graded.asked.clear()

    assert code == 2 and "fix: close what else writes to it" in capsys.readouterr().err
    assert cli.run(command) == 0
    assert graded.asked == []
    assert graded.scores() == {"ada": (85, 85), "bo": (90, 90), "cy": (10, 10)}


def test_a_gradebook_that_may_only_be_read_is_told_before_anything_is_graded(
    graded: Counting, capsys: Said
) -> None:
    path = graded.root / "gradebook.db"
    graded.hand_in(cy=10)
    graded.asked.clear()

    code = cli.run(["grade", "--db", f"sqlite:///file:{path}?mode=ro&uri=true"])

    error = capsys.readouterr().err
    assert (code, graded.asked) == (2, [])
    assert "fix: make the file and its folder writable" in error
    assert graded.grades() == ["cy"]
    assert graded.scores()["cy"] == (10, 10)


# --- Reports that cannot be written or read -------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_corrupt_report_is_set_aside_its_submission_graded_again_and_the_rest_is_not(
    data: bytes, graded: Counting, capsys: Said
) -> None:
    before = state(graded)
    report_path(graded.root, "bo", "toy").write_bytes(data)

    assert graded.grades() == ["bo"]

    said = capsys.readouterr().out
    assert "bo/toy/report.json: the report from before cannot be read" in said
    assert "it is called report.unreadable-1.json now" in said
    assert state(graded) == before
    aside = report_path(graded.root, "bo", "toy").with_name("report.unreadable-1.json")
    assert aside.read_bytes() == data
    assert graded.grades() == []


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe"])
def test_a_corrupt_report_that_waits_is_made_again(data: bytes, graded: Counting) -> None:
    report_path(graded.root, "bo", "toy").with_name("report.pending.json").write_bytes(data)
    graded.hand_in("x = 2\n", bo=95)

    assert graded.grades() == ["bo"]

    assert graded.scores()["bo"] == (95, 95)
    assert state(graded)


def test_half_a_report_of_a_killed_run_is_removed_and_that_of_one_that_still_writes_is_not(
    graded: Counting,
) -> None:
    folder = report_path(graded.root, "bo", "toy").parent
    ended = subprocess.Popen(["true"])
    ended.wait()
    (folder / f".{ended.pid}-x").write_text("{")
    (folder / f".{os.getpid()}-y").write_text("{")

    graded.hand_in(bo=95)

    graded.grades("--force", "--student", "bo")

    assert {path.name for path in folder.iterdir()} == {"report.json", f".{os.getpid()}-y"}


def test_a_folder_where_a_report_cannot_be_written_is_an_error_with_a_fix(
    graded: Counting, capsys: Said
) -> None:
    graded.hand_in(cy=10, dee=20)
    (graded.root / "reports" / "dee").write_text("in the way")

    code = cli.run(["grade"])

    error = capsys.readouterr().err
    assert code == 2 and "Traceback" not in error
    assert "dee/toy/report.json: the report cannot be written" in error
    assert "then run the same command again" in error
    (graded.root / "reports" / "dee").unlink()
    assert graded.grades() == ["dee"]
    assert graded.scores() == {"ada": (80, 80), "bo": (90, 90), "cy": (10, 10), "dee": (20, 20)}
