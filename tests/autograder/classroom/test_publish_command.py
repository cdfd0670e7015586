"""`autograder publish`, as it is typed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.classroom.publishing.publish import Step
from autograder.classroom.publishing.targets import Target
from autograder.cli.publish import step_line
from tests.autograder.classroom.fake_github import write_program
from tests.autograder.classroom.made_class import (
    STUDENTS,
    Class,
    grade_of,
    made_class,
    repositories,
)
from tests.autograder.conftest import ROOT


@pytest.fixture
def grades() -> list[Any]:
    return [grade_of(student) for student in STUDENTS]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grades: list[Any]) -> Class:
    """A course to work in, with a gradebook and a program gh."""
    root, programs = tmp_path / "course", tmp_path / "programs"
    root.mkdir()
    programs.mkdir()
    write_program(programs, {"repositories": repositories()}, ROOT)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LANG", "C.UTF-8")
    made = made_class(root)
    for student in STUDENTS:
        (made.folder / student).mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setattr("autograder.gradebook.final.final_grades", lambda url, spec: grades)
    return made


def writes(made: Class) -> list[str]:
    state = json.loads((made.root.parent / "programs" / "state.json").read_text())
    return [call["path"] for call in state["calls"] if call["fields"]]


def test_without_yes_it_says_what_would_be_done(
    made: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["publish"]) == 0

    said = capsys.readouterr().out
    assert "ada  org/sums-ada-x  to be created" in said
    assert "3 feedbacks to be written; 0 there already" in said
    assert f"what they read: {Path('build', 'publish', 'sums')}" in said
    assert "nothing was written on GitHub; the same command with --yes does it" in said
    assert writes(made) == []


def test_with_yes_it_is_done_for_whom_it_is_asked(
    made: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["publish", "--student", "bob", "--yes"]) == 0

    said = capsys.readouterr().out
    assert "bob  org/sums-bob-x  created" in said and "1 feedback written" in said
    assert writes(made) == ["repos/org/sums-bob-x/issues"]


def test_somebody_who_cannot_be_told_is_an_exit_code_of_1(
    made: Class, grades: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    grades[0] = grade_of("ada", None, status="not scored")
    grades[1] = grade_of("bob", None, status="missing")

    assert cli.run(["publish"]) == 1

    said = capsys.readouterr().out
    assert "ada  org/sums-ada-x  not published: not scored yet" in said
    assert "1 not published; 1 handed in nothing" in said


def test_without_a_collection_the_command_says_what_to_do(
    made: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    (made.folder / ".collected-sums.json").unlink()

    assert cli.run(["publish"]) == 2
    assert "autograder collect" in capsys.readouterr().err


def test_a_line_holds_nothing_that_a_log_obeys() -> None:
    step = Step(Target("ada", "o/r", "a"), "stopped", "x\n::error::y\x1b[31m")

    said = step_line(step, is_done=True)

    assert "\n" not in said and "\x1b" not in said
