"""A notebook beside each script, which changes nothing in what is graded."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path

import pytest

from autograder.grading.run import released_forms
from autograder.nbgrader.pairs import pair_submissions
from autograder.spec import Course, find_course
from autograder.submission import Submission, read_submission
from autograder.submission.forms import PAIRED_WITH
from tests.autograder.conftest import ROOT

A = "convolutions"
SCRIPT = b"# %%\ndef corr2d(X, K):\n    return X\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}]}).encode()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The course with an empty class."""
    for name in ("assignments", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.toml", tmp_path)
    (tmp_path / "submitted").mkdir()
    return find_course(tmp_path)


def hand_in(course: Course, student: str, name: str, data: bytes) -> Path:
    path = course.root / "submitted" / student / A / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def pair(course: Course) -> list[str]:
    """The students for whom a notebook was written."""
    folder = course.root / "submitted"
    return [path.relative_to(folder).parts[0] for path in pair_submissions(course, folder)]


def read(course: Course, student: str) -> Submission:
    return read_submission(course.root / "submitted", student, A, released_forms(course, A), 2**24)


def paired(course: Course, student: str) -> dict:
    return json.loads((course.root / "submitted" / student / A / f"{A}.ipynb").read_bytes())


def test_a_script_gets_a_notebook_of_its_cells_and_stays_as_it_is(course):
    path = hand_in(course, "ada", f"{A}.py", SCRIPT)

    assert pair(course) == ["ada"]

    assert "def corr2d(X, K):\n    return X" in [
        c["source"] for c in paired(course, "ada")["cells"]
    ]
    assert path.read_bytes() == SCRIPT


def test_a_notebook_of_another_name_gets_one_of_the_right_name(course):
    hand_in(course, "ada", "my work.ipynb", NOTEBOOK)

    assert pair(course) == ["ada"]

    assert paired(course, "ada")["metadata"][PAIRED_WITH] == "my work.ipynb"
    assert paired(course, "ada")["cells"][0]["source"] == "x = 1"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"{A}.py", SCRIPT),
        ("my work.ipynb", NOTEBOOK),
        ("hw.py", SCRIPT),
        (f"{A}.py", b"x = '\xff'\n"),
        (f"{A}.py", (ROOT / "assignments" / A / f"{A}.py").read_bytes()),
    ],
    ids=["a script", "another name", "a script of another name", "unreadable", "the stub"],
)
def test_what_is_graded_is_the_same_with_and_without_the_pair(course, name, data):
    hand_in(course, "ada", name, data)
    before = read(course, "ada")

    assert pair(course) == ["ada"]

    assert read(course, "ada") == before


def test_it_is_left_alone_while_nothing_changed(course):
    hand_in(course, "ada", f"{A}.py", SCRIPT)
    pair(course)

    assert pair(course) == []


def test_it_is_made_anew_for_another_script_also_with_an_older_time(course):
    path = hand_in(course, "ada", f"{A}.py", SCRIPT)
    pair(course)
    path.write_bytes(SCRIPT.replace(b"return X", b"return K"))
    os.utime(path, (0, 0))

    assert pair(course) == ["ada"]

    assert any("return K" in cell["source"] for cell in paired(course, "ada")["cells"])


def test_it_is_made_anew_for_another_release(course):
    hand_in(course, "ada", f"{A}.py", SCRIPT)
    pair(course)
    release = course.release(A) / f"{A}.ipynb"
    release.write_text(release.read_text().replace("Python 3", "Python three"))

    assert pair(course) == ["ada"]


def test_who_hands_in_a_notebook_of_the_right_name_gets_none(course):
    path = hand_in(course, "ada", f"{A}.ipynb", NOTEBOOK)
    hand_in(course, "ada", f"{A}.py", SCRIPT)

    assert pair(course) == []
    assert path.read_bytes() == NOTEBOOK


def test_a_notebook_of_the_right_name_that_cannot_be_read_is_nobodys_to_replace(course):
    path = hand_in(course, "ada", f"{A}.ipynb", b"{")
    hand_in(course, "ada", f"{A}.py", SCRIPT)

    assert pair(course) == []
    assert path.read_bytes() == b"{"


def test_a_script_that_cannot_be_read_is_seen_by_nbgrader_all_the_same(course):
    hand_in(course, "ada", f"{A}.py", b"x = '\xff'\n")

    assert pair(course) == ["ada"]


def test_a_students_own_marker_hides_their_notebook_only_where_there_is_another_file(course):
    own = json.dumps({**json.loads(NOTEBOOK), "metadata": {PAIRED_WITH: "x.py"}}).encode()
    hand_in(course, "ada", f"{A}.ipynb", own)
    hand_in(course, "bo", f"{A}.ipynb", own)
    hand_in(course, "bo", f"{A}.py", SCRIPT)

    assert [form.file for form in read(course, "ada").forms] == [f"{A}.ipynb"]
    assert [form.file for form in read(course, "bo").forms] == [f"{A}.py"]


@pytest.mark.parametrize(
    "text", ["a cell that says autograder_paired_with", '"autograder_paired_with": "x.py"']
)
def test_the_marker_in_a_cell_is_none(course, text):
    own = json.dumps({"cells": [{"cell_type": "code", "source": text}], "metadata": {}}).encode()
    hand_in(course, "ada", f"{A}.ipynb", own)
    hand_in(course, "ada", f"{A}.py", SCRIPT)

    assert f"{A}.ipynb" in [form.file for form in read(course, "ada").forms]


def test_nothing_is_written_through_a_link(course, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / A).mkdir(parents=True)
    (elsewhere / A / f"{A}.py").write_bytes(SCRIPT)
    (course.root / "submitted" / "ada").symlink_to(elsewhere)
    (course.root / "submitted" / "bo").mkdir()
    (course.root / "submitted" / "bo" / A).symlink_to(elsewhere / A)
    link = hand_in(course, "cy", f"{A}.py", b"")
    link.unlink()
    link.symlink_to(course.root / "course.toml")

    pair(course)

    assert [path.name for path in (elsewhere / A).iterdir()] == [f"{A}.py"]
    notebook = course.root / "submitted" / "cy" / A / f"{A}.ipynb"
    assert not notebook.exists() or "course_id" not in notebook.read_text()


def test_a_folder_of_the_pairs_name_is_left_to_the_report(course):
    hand_in(course, "ada", f"{A}.py", SCRIPT)
    (course.root / "submitted" / "ada" / A / f"{A}.ipynb").mkdir()

    assert pair(course) == []


def test_one_that_cannot_be_written_is_told_and_stops_nobody(course, monkeypatch, caplog):
    from autograder.nbgrader import pairs

    def full(path: Path, data: bytes) -> None:
        if "ada" in path.parts:
            raise OSError(28, "No space left on device")
        write(path, data)

    write = pairs.replace_whole
    monkeypatch.setattr(pairs, "replace_whole", full)
    monkeypatch.setattr(pairs, "get_logger", lambda: logging.getLogger("pairs"))
    hand_in(course, "ada", f"{A}.py", SCRIPT)
    hand_in(course, "bo", f"{A}.py", SCRIPT)

    assert pair(course) == ["bo"]
    assert "No space left on device\n  fix: " in caplog.text


@pytest.mark.parametrize("name", ["essay.docx", "test_visible.py", "conftest.py"])
def test_where_there_is_nothing_to_grade_there_is_no_notebook(course, name):
    hand_in(course, "ada", name, b"")

    assert pair(course) == []


def test_a_class_that_is_not_there_yet_is_no_error(course):
    assert pair_submissions(course, course.root / "nowhere") == []


def test_a_release_that_cannot_be_read_is_told_and_breaks_no_other_command(course, caplog):
    hand_in(course, "ada", f"{A}.py", SCRIPT)
    (course.release(A) / f"{A}.ipynb").write_text("{")

    assert pair(course) == []


def test_a_name_that_is_no_text_breaks_no_command(course):
    hand_in(course, "ada", "other.py", SCRIPT)
    folder = os.fsencode(course.root / "submitted" / "ada" / A)
    os.rename(folder + b"/other.py", folder + b"/m\xffne.py")  # noqa: PTH104 - bytes

    assert pair(course) == ["ada"]
