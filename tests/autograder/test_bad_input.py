"""A class in which nearly everything that can be wrong with a file is wrong, graded once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.autograder.conftest import ROOT, Graded, Run

RIGHT = ROOT / "examples" / "submitted" / "emil" / "convolutions" / "convolutions.py"


@pytest.fixture(scope="session")
def bad_class(run: Run, quick_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("bad")

    def place(student: str) -> Path:
        path = folder / "class" / student / "convolutions"
        path.mkdir(parents=True)
        return path

    shutil.copy(RIGHT, place("neighbour"))
    shutil.copy(RIGHT, place("陈晓明"))
    shutil.copy(RIGHT, place("Ann Lee"))
    shutil.copy(RIGHT, place("othername") / "my answer 卷积.py")
    (place("broken") / "convolutions.ipynb").write_text('{"cells": [\n{"cell_type": "code",\n')
    place("empty")
    (folder / "class" / "nothing").mkdir()
    (place("link") / "convolutions.py").symlink_to(RIGHT)
    os.mkfifo(place("pipe") / "convolutions.py")
    (place("folder") / "convolutions.py").mkdir()
    (place("huge") / "convolutions.py").write_bytes(b"# " + b"x" * (17 * 2**20))
    (place("bytes") / "convolutions.py").write_bytes(b"x = 1\ny = '\xff\xfe'\n")
    (place("nul") / "convolutions.py").write_bytes(RIGHT.read_bytes() + b"\n# %%\n\0\n")
    (folder / "class" / "stray.py").write_text("x = 1\n")
    output = folder / "out"
    command = run(
        ["autograder", "grade", str(folder / "class"), "--output", str(output)], cwd=quick_course
    )
    return Graded(command, output)


def test_a_class_with_unreadable_files_ends_with_exit_code_1(bad_class: Graded) -> None:
    assert bad_class.command.returncode == 1, bad_class.command.stderr


@pytest.mark.parametrize("student", ["neighbour", "陈晓明", "othername", "nul"])
def test_what_can_be_read_is_graded_beside_what_cannot(bad_class: Graded, student: str) -> None:
    assert bad_class.report(student).score == 100


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("broken", "convolutions.ipynb: is not a notebook"),
        ("broken", "line 2"),
        ("empty", "holds neither convolutions.ipynb nor convolutions.py"),
        ("nothing", "holds neither"),
        ("link", "is a link"),
        ("pipe", "a pipe"),
        ("folder", "a folder"),
        ("huge", "larger than 16 MiB"),
        ("bytes", "convolutions.py:2: is not text in the encoding it names"),
    ],
)
def test_what_cannot_be_read_is_told_with_place_and_fix_and_has_no_score(
    bad_class: Graded, student: str, words: str
) -> None:
    report = bad_class.report(student)
    text = "\n".join(remark.text for remark in report.remarks)

    assert report.score is None
    assert words in text
    assert "fix:" in text


@pytest.mark.parametrize("name", ["Ann Lee", "stray.py"])
def test_what_is_no_student_is_listed_with_a_fix(bad_class: Graded, name: str) -> None:
    line = next(line for line in bad_class.command.stdout.splitlines() if name in line)

    assert "not graded" in line


def test_another_file_name_is_graded_with_a_remark(bad_class: Graded) -> None:
    remarks = [remark.text for remark in bad_class.report("othername").remarks]

    assert any("my answer 卷积.py" in text for text in remarks)


def test_every_unreadable_student_is_named_below_the_table(bad_class: Graded) -> None:
    said = bad_class.command.stdout

    for student in ("broken", "empty", "nothing", "link", "pipe", "folder", "huge", "bytes"):
        assert f"not graded: {student}: " in said
