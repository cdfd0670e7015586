"""The course secret: made once, kept from others, and told apart without being told."""

import os
import stat
from pathlib import Path

import pytest

from autograder.checks import Draw
from autograder.checks.drawing import seed_for
from autograder.errors import OperatorError
from autograder.grading.secret import FILE_NAME, VARIABLE, course_secret, fingerprint


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_it_is_made_on_first_use_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = course_secret(tmp_path)
    finally:
        os.umask(before)

    assert len(made) == 64
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert course_secret(tmp_path) == made


def test_two_courses_have_different_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert course_secret(tmp_path / "a") != course_secret(tmp_path / "b")


def test_the_variable_comes_first_and_no_file_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, " 0123456789abcdef\n")

    assert course_secret(tmp_path) == b"0123456789abcdef"
    assert list(tmp_path.iterdir()) == []


def test_a_short_variable_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "hunter2")

    with pytest.raises(OperatorError, match=f"{VARIABLE}(.|\n)*fix:") as caught:
        course_secret(tmp_path)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n", "short\n"])
def test_a_file_that_was_not_written_whole_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    (tmp_path / FILE_NAME).chmod(0o600)

    with pytest.raises(OperatorError, match="fix:"):
        course_secret(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_open_is_refused_with_the_command_that_mends_it(
    mode: int, tmp_path: Path
) -> None:
    course_secret(tmp_path)
    (tmp_path / FILE_NAME).chmod(mode)

    with pytest.raises(OperatorError, match="fix: chmod 600"):
        course_secret(tmp_path)


def test_a_place_where_no_file_can_be_made_is_named_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=f"{FILE_NAME}(.|\n)*fix:.*{VARIABLE}"):
        course_secret(tmp_path / "nowhere")


def test_a_fingerprint_tells_two_secrets_apart_and_holds_neither() -> None:
    first, second = b"0123456789abcdef", b"0123456789abcdeg"

    assert fingerprint(first) == fingerprint(first) != fingerprint(second)
    assert len(fingerprint(first)) == 16
    assert first.decode() not in fingerprint(first)


def test_every_student_assignment_check_and_use_has_a_seed_of_its_own() -> None:
    secret = b"0123456789abcdef"
    names = [
        (secret, "inputs", "ada", "convolutions", "test_a"),
        (secret, "child", "ada", "convolutions", "test_a"),
        (secret, "inputs", "bo", "convolutions", "test_a"),
        (secret, "inputs", "ada", "pooling", "test_a"),
        (secret, "inputs", "ada", "convolutions", "test_b"),
        (secret, "inputs", "ada", "convolutionst", "est_a"),
        (secret, "inputs", "ada", "convolutions"),
        (secret, "load", "ada", "convolutions"),
        (b"0123456789abcdeg", "inputs", "ada", "convolutions", "test_a"),
    ]

    seeds = [seed_for(*name) for name in names]

    assert len(set(seeds)) == len(names)
    assert seeds == [seed_for(*name) for name in names]
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_same_seed_draws_the_same_inputs_whatever_else_was_drawn() -> None:
    first = Draw(5)
    expected = first.normal(2, 2), first.integer(1, 9), first.uniform(3, low=-1, high=1)

    again, other = Draw(5), Draw(6)
    other.normal(2, 2)
    drawn = again.normal(2, 2), again.integer(1, 9), again.uniform(3, low=-1, high=1)

    assert drawn[0].equal(expected[0]) and drawn[1] == expected[1] and drawn[2].equal(expected[2])
