"""`autograder collect`, as it is typed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from autograder import cli
from autograder.cli.collect import _moment
from autograder.errors import OperatorError
from tests.autograder.classroom.repositories import WORKED_ON, clone_with, new_clone
from tests.autograder.conftest import ROOT

PY = "convolutions.py"


@pytest.fixture(autouse=True)
def in_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_class_is_collected_into_the_folder_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone_with(tmp_path / "hw-submissions" / "hw-ada", {PY: WORKED_ON})
    new_clone(tmp_path / "hw-submissions" / "hw-bo")
    (tmp_path / "roster.csv").write_text("identifier,github_username\ns1,ada\ns2,bo\n")

    roster = str(tmp_path / "roster.csv")
    code = cli.run(["collect", str(tmp_path), "--into", str(tmp_path / "in"), "--roster", roster])

    assert code == 0
    assert (tmp_path / "in" / "s1" / "convolutions" / PY).read_bytes() == WORKED_ON
    said = capsys.readouterr().out
    assert "2 rows of the roster: 1 collected + 1 nothing handed in" in said
    assert "--ask-github" in said


def test_what_needs_a_person_ends_with_one(tmp_path: Path) -> None:
    clone_with(tmp_path / "hw-submissions" / "hw-ada", {PY: WORKED_ON})
    (tmp_path / "roster.csv").write_text("identifier,github_username\ns2,bo\n")

    roster = str(tmp_path / "roster.csv")
    code = cli.run(["collect", str(tmp_path), "--into", str(tmp_path / "in"), "--roster", roster])

    assert code == 1


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], [], [".", "--from", "x"], ["docs"], ["docs", "--due", "2026-10-01"],
     ["docs", "--roster", "README.md"], ["docs", "--assignment", "x"]],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_two(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.run(["collect", "--into", str(tmp_path / "in"), *arguments])

    assert code == 2 and not (tmp_path / "in").exists()
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-10-01T23:59", 15), ("2026-10-01 23:59:00+02:00", 21), ("2026-10-01T23:59Z", 23)],
)
def test_a_deadline_without_a_zone_is_in_the_courses(text: str, hour: int) -> None:
    moment = _moment(text, "Asia/Shanghai")

    assert moment is not None and moment.astimezone(datetime.UTC).hour == hour


@pytest.mark.parametrize("text", ["2026-10-01", "tomorrow", "", "23:59"])
def test_a_deadline_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match=r"--due.*\n  fix: "):
        _moment(text, "UTC")
