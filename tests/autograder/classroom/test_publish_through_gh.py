"""The program gh is asked as it has to be, and whatever it does, it is understood."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from autograder.classroom.publishing.gh import GhProgram, NoAnswerError
from autograder.errors import OperatorError
from tests.autograder.classroom.fake_github import a_repository, write_program
from tests.autograder.classroom.made_class import STUDENTS, Class, grade_of, made_class
from tests.autograder.classroom.made_class import repositories as the_repositories
from tests.autograder.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the PATH for the program."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_TOKEN", "ghp_secret")
    return programs


def program(folder: Path, **state: Any) -> Path:
    return write_program(folder, {"repositories": {"o/r": a_repository(1, "a")}, **state}, ROOT)


def printing(folder: Path, text: str, code: int = 0, errors: str = "") -> None:
    """A program that says just this."""
    (folder / "text").write_bytes(text.encode())
    (folder / "errors").write_text(errors)
    gh = folder / "gh"
    gh.write_text(f"#!/bin/sh\ncat {folder}/text; cat {folder}/errors >&2; exit {code}\n")
    gh.chmod(0o755)


def test_a_class_is_published_through_the_program_once(folder: Path, tmp_path: Path) -> None:
    """A write that is killed after it was done, and one that is not answered, are in it."""
    kept = program(
        folder,
        repositories=the_repositories(),
        # Reads: who we are, and three for each student; then three before each write, and after.
        next_faults=[""] * 13 + ["killed-done"] + [""] * 6 + ["502-done"],
    )
    made = made_class(tmp_path)

    told = made.publish(gh=GhProgram())

    assert [step.action for step in told.steps] == ["create"] * 3
    state = json.loads(kept.read_text())
    assert state["next_faults"] == []
    assert [call["method"] for call in state["calls"] if call["fields"]] == ["POST"] * 3
    for student in STUDENTS:
        [issue] = state["repositories"][f"org/sums-{student}-x"]["issues"]
        assert f"{student} forgot one" in issue["body"]
    assert [step.action for step in made.publish(gh=GhProgram()).steps] == ["nothing"] * 3


def test_a_class_is_published_once_by_a_program_that_fails_at_random(
    folder: Path, tmp_path: Path
) -> None:
    kept = program(folder, repositories=the_repositories(), seed=5, faults=0.1)
    made = made_class(tmp_path)

    for _run in range(20):
        try:
            if not made.publish(gh=GhProgram()).stopped:
                break
        except OperatorError:
            continue
    else:
        pytest.fail("it never ends")

    state = json.loads(kept.read_text())
    assert {len(one["issues"]) for one in state["repositories"].values()} == {1}


def test_what_is_sent_and_the_token_are_in_no_argument(folder: Path, tmp_path: Path) -> None:
    kept = program(folder, repositories=the_repositories())
    made: Class = made_class(tmp_path)

    made.publish(gh=GhProgram(), students=frozenset({"ada"}), grades=[grade_of("ada")])

    [*_reads, write] = json.loads(kept.read_text())["seen"]
    said = " ".join(write["arguments"])
    assert "forgot" not in said and "ghp_secret" not in said
    assert write["arguments"][:6] == ["api", "--hostname", "github.com", "--method", "POST",
                                      "--include"]  # fmt: skip
    assert not Path(write["arguments"][write["arguments"].index("--input") + 1]).exists()


def test_the_program_cannot_ask_nor_tell_nor_go_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GH_DEBUG", "GH_REPO", "GH_HOST", "GH_FORCE_TTY"):
        monkeypatch.setenv(name, "evil.example")
    kept = program(folder)

    GhProgram().ask("GET", "user")

    [seen] = json.loads(kept.read_text())["seen"]
    assert {"GH_PROMPT_DISABLED", "NO_COLOR", "GH_HOST", "GH_TOKEN"} <= set(seen["environment"])
    assert not {"GH_DEBUG", "GH_REPO", "GH_FORCE_TTY"} & set(seen["environment"])
    assert seen["cwd"] != str(Path.cwd())


def test_a_program_in_the_current_folder_is_not_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printing(folder, "HTTP/2.0 200 OK\r\n\r\n{}")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{tmp_path}")

    with pytest.raises(OperatorError, match="there is no program gh"):
        GhProgram()


def test_a_refusal_is_an_answer_with_its_reason(folder: Path) -> None:
    program(folder)

    answer = GhProgram().ask("GET", "repos/o/other")

    assert (answer.status, answer.reason) == (404, "Not Found (HTTP 404)")


def test_headers_come_with_the_answer(folder: Path) -> None:
    program(folder, next_faults=["retry"])

    answer = GhProgram().ask("GET", "user")

    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


def test_a_program_that_hangs_is_ended(folder: Path) -> None:
    program(folder, hangs=True)

    with pytest.raises(NoAnswerError, match="no answer in"):
        GhProgram(wall_seconds=0.2).ask("GET", "user")


@pytest.mark.parametrize("text", ["", "{}", "HTTP/2.0 200 OK\n", "\x00\xff" * 100])
def test_what_is_no_answer_is_none(folder: Path, text: str) -> None:
    printing(folder, text, 1, "token ghp_secret: no route\nmore")

    with pytest.raises(NoAnswerError, match=r"^token \*\*\*: no route$"):
        GhProgram().ask("GET", "user")


def test_an_answer_that_is_too_large_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.classroom.publishing.gh._LARGEST_ANSWER", 100)
    printing(folder, "HTTP/2.0 200 OK\r\n\r\n" + "[" * 100)

    with pytest.raises(NoAnswerError, match="too large"):
        GhProgram().ask("GET", "user")


def test_nobody_logged_in_stops_everything(folder: Path) -> None:
    printing(folder, "", 4, "To get started with GitHub CLI, please run:  gh auth login")

    with pytest.raises(OperatorError, match="fix: gh auth login"):
        GhProgram().ask("GET", "user")


def test_without_the_program_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(OperatorError, match="there is no program gh"):
        GhProgram()
