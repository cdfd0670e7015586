"""What stands below the table of a class, and in which order."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from autograder.grading.course import ClassResult
from autograder.outputs.terminal import class_table
from autograder.report import Remark, Report
from tests.autograder.grading.test_regrade import SPEC, report


def remarked(student: str, text: str, score: int | None = 80) -> Report:
    made = report(score, student=student)
    exercises = made.exercises if score is not None else ()
    return msgspec.structs.replace(made, exercises=exercises, remarks=(Remark(text=text),))


def below(result: ClassResult, output: Path) -> list[list[str]]:
    """The lines below the table, by block."""
    _title, _table, *blocks = class_table(SPEC, result, output).split("\n\n")
    return [block.splitlines() for block in blocks]


def test_what_was_not_graded_comes_first_and_remarks_have_a_heading_of_their_own(
    tmp_path: Path,
) -> None:
    unread = remarked("bo", "bo/toy: holds neither toy.ipynb nor toy.py\n  fix: hand in one", None)
    late = msgspec.structs.replace(report(50, student="cy"), late_penalty=5.0)
    result = ClassResult(
        (remarked("ada", "the file is called x.py"), unread, late), ("x: is a link",), graded=3
    )

    failed, points, remarks, end = below(result, tmp_path)

    assert failed == [
        "not graded: bo: bo/toy: holds neither toy.ipynb nor toy.py",
        "not graded: x: is a link",
    ]
    assert points == ["cy: 0 d 0 h late: 5 of 50 points taken off"]
    assert remarks == ["remarks:", "ada: the file is called x.py"]
    assert end[0].startswith("3 submissions graded")


def test_without_a_remark_there_is_no_heading(tmp_path: Path) -> None:
    blocks = below(ClassResult((report(80),), (), graded=1), tmp_path)

    assert [block[0].partition(" in ")[0] for block in blocks] == ["1 submission graded"]


def test_notices_stand_with_what_somebody_has_to_mend(tmp_path: Path) -> None:
    result = ClassResult(
        (remarked("ada", "the file is called x.py"),), (), notices=("bo: has a report",)
    )

    assert below(result, tmp_path)[0] == ["bo: has a report"]


def test_a_check_that_broke_is_named(tmp_path: Path) -> None:
    assert below(ClassResult((report(None),), ()), tmp_path)[0] == [
        "not graded: ada: a check broke on our side: test_x"
    ]


def test_on_a_terminal_lines_are_broken_between_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    text = "11 points of conv2d came from a right corr2d in the place of yours"

    said = class_table(SPEC, ClassResult((remarked("ada", text),), ()), tmp_path)

    assert "ada: 11 points of conv2d came from a\n    right corr2d in the place of yours\n" in said
