"""A class as it lies on disk: who handed in what, and what cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import escape
from autograder.errors import OperatorError
from autograder.submission import Submission, as_form, find_submissions, read_submission
from autograder.submission.submissions import is_student_id

STUB = b"def area(a, b):\n    raise NotImplementedError()\n"
DONE = b"def area(a, b):\n    return a * b\n"


def notebook(source: bytes) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": source.decode()}]}).encode()


RELEASED = (
    as_form("shapes.ipynb", notebook(STUB), "shapes"),
    as_form("shapes.py", STUB, "shapes"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where ann's files for the assignment lie, in a class of her own."""
    path = tmp_path / "ann" / "shapes"
    path.mkdir(parents=True)
    return path


def read(folder: Path, max_bytes: int = 10_000) -> Submission:
    return read_submission(folder.parents[1], "ann", "shapes", RELEASED, max_bytes)


def files(submission: Submission) -> list[str]:
    return [form.file for form in submission.forms]


# ---- who ----------------------------------------------------------------------------------------


def test_every_folder_is_a_student_in_the_order_of_their_names(tmp_path: Path):
    for name in ("bob", "ann", "Zoe"):
        (tmp_path / name).mkdir()

    found = find_submissions(tmp_path)

    assert found.students == ("Zoe", "ann", "bob")
    assert found.quarantined == ()


@pytest.mark.parametrize(
    "name", ["陈晓明", "josé", "a", "2023001234", "ann.lee@school.edu", "a-b_c", "x" * 64]
)
def test_letters_of_every_script_make_a_student_id(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    assert find_submissions(tmp_path).students == (name,)


@pytest.mark.parametrize(
    "name",
    [
        "ann lee",
        " ann",
        "_ann",
        "-rf",
        "@ann",
        "ann;rm",
        "a$b",
        "ann\n",
        "x" * 65,
        "陈 晓明",
        "a\\b",
    ],
)
def test_a_folder_that_is_no_student_id_is_set_aside_with_a_fix(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    found = find_submissions(tmp_path)

    assert found.students == ()
    assert "no student id\n  fix: rename the folder" in found.quarantined[0]


def test_a_name_in_another_systems_encoding_is_set_aside_and_can_be_shown(tmp_path: Path):
    os.mkdir(os.fsencode(tmp_path) + b"/\xb3\xc2")  # noqa: PTH102 - bytes that are no text

    (sentence,) = find_submissions(tmp_path).quarantined

    assert r"\udcb3" in sentence
    sentence.encode()


@pytest.mark.parametrize("name", [".git", ".ipynb_checkpoints", ".Trash-0"])
def test_folders_of_tools_are_no_students_and_no_news(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    found = find_submissions(tmp_path)

    assert (found.students, found.quarantined) == ((), ())


@pytest.mark.parametrize("name", [".DS_Store", ".gitkeep", "._ann"])
def test_hidden_files_are_no_students_and_no_news(tmp_path: Path, name: str):
    (tmp_path / name).touch()

    found = find_submissions(tmp_path)

    assert (found.students, found.quarantined) == ((), ())


@pytest.mark.parametrize("name", [".ann", "..ann", "...", ".gitt"])
def test_a_hidden_folder_that_may_hold_work_is_set_aside_and_not_lost(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    (sentence,) = find_submissions(tmp_path).quarantined

    assert f"{name}: is no student id" in sentence


HOSTILE_NAMES = [
    "ann\n12 submissions graded in 1.0 s", "\x1b[2J\x1b[Hann", "\x1b]0;title\x07", "ann\r", "\tann",
    "\u202enna", "a\u200bnn", "ann\ufeff", "ann\u2028bob", "ann\u3164", "\u1160ann", "\u00adann",
    "=cmd|' -C calc'!A1", "+1", "@SUM(1)", "-1", "::error::x", "##[error]x", "##vso[done]x",
    "<svg onload=alert(1)>", "[ann](javascript:alert(1))", "[red]ann", "$(id)", "`id`", "a&b",
    "%2e%2e", "~", "*", "x" * 255, "é" * 127, "ann\\..\\bob", "..\\ann", "ann:stream", "\ufb01n",
    "ａｎｎ", "josé".encode().decode() + "\u0301", "½", "ann²",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_a_hostile_name_is_set_aside_and_shown_without_being_obeyed(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()

    found = find_submissions(tmp_path)

    assert found.students == ()
    (sentence,) = found.quarantined
    where, _newline, fix = sentence.partition("\n")
    assert escape.one_line(where) == where
    assert fix.startswith("  fix: ")


def test_lone_surrogates_of_a_name_are_spelled_out(tmp_path: Path):
    os.mkdir(os.fsencode(tmp_path) + b"/ann\xff\xfe")  # noqa: PTH102 - bytes that are no text

    (sentence,) = find_submissions(tmp_path).quarantined

    assert r"ann\udcff\udcfe" in sentence


def test_two_ids_that_differ_in_capitals_alone_are_both_set_aside(tmp_path: Path):
    for name in ("Ann", "ann", "bob", "STRASSE", "straße"):
        (tmp_path / name).mkdir()

    found = find_submissions(tmp_path)

    assert found.students == ("bob",)
    assert [sentence.count("in capitals alone\n  fix: ") for sentence in found.quarantined] == [
        1
    ] * 4


@pytest.mark.parametrize("name", ["ＡＮＮ", "ANN "])
def test_a_name_that_is_no_id_takes_nobody_with_it(tmp_path: Path, name: str):
    for folder in ("ann", name):
        (tmp_path / folder).mkdir()
    (tmp_path / "Ann").touch()

    assert find_submissions(tmp_path).students == ("ann",)


@given(st.text(min_size=1, max_size=70))
def test_no_student_id_needs_escaping_anywhere(name: str):
    if is_student_id(name):
        assert escape.one_line(name) == escape.html_attribute(name) == escape.csv_cell(name) == name
        assert name[0] not in ".-" and "/" not in name


def test_a_link_exchanged_for_a_students_folder_is_told_and_not_listed(tmp_path: Path):
    other = tmp_path / "elsewhere" / "shapes"
    other.mkdir(parents=True)
    (other / "secret-plan.py").write_bytes(DONE)
    (other / "another.py").write_bytes(DONE)
    (tmp_path / "ann").symlink_to(tmp_path / "elsewhere")

    submission = read_submission(tmp_path, "ann", "shapes", RELEASED, 10_000)

    assert submission.forms == ()
    assert "secret-plan" not in "".join((*submission.unreadable, *submission.notes))


def test_a_folder_in_the_place_of_the_file_is_told(folder: Path):
    (folder / "shapes.py").mkdir()

    assert "but a folder" in read(folder).unreadable[0]


@pytest.mark.parametrize("name", ["a\n::error::b.py", "\x1b[2J.py", "\u202eyp.py", "=1.py"])
def test_a_file_of_a_hostile_name_is_told_without_being_obeyed(folder: Path, name: str):
    (folder / name).write_bytes(DONE)

    submission = read(folder)

    for text in (*submission.notes, submission.forms[0].file, submission.forms[0].cells[0].name):
        assert escape.one_line(text) == text


def test_files_that_lie_in_the_class_folder_are_set_aside_with_a_fix(tmp_path: Path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "bob.ipynb").touch()

    found = find_submissions(tmp_path)

    assert found.students == ("ann",)
    assert "bob.ipynb: is no folder\n  fix: " in found.quarantined[0]


def test_a_link_is_no_students_folder(tmp_path: Path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "bob").symlink_to(tmp_path / "ann")

    found = find_submissions(tmp_path)

    assert found.students == ("ann",)
    assert len(found.quarantined) == 1


def test_a_class_that_is_not_there_is_the_operators_to_mend(tmp_path: Path):
    with pytest.raises(OperatorError, match="fix: name the folder"):
        find_submissions(tmp_path / "nowhere")


# ---- what ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data"), [("shapes.py", DONE), ("shapes.ipynb", notebook(DONE))])
def test_one_file_with_the_expected_name_is_read(folder: Path, name: str, data: bytes):
    (folder / name).write_bytes(data)

    submission = read(folder)

    assert files(submission) == [name]
    assert (submission.unreadable, submission.notes) == ((), ())


def test_other_files_beside_it_are_left_alone(folder: Path):
    (folder / "shapes.py").write_bytes(DONE)
    for name in ("old.py", "notes.txt", "conftest.py", "shapes.py.bak"):
        (folder / name).write_text("raise SystemExit\n")

    assert files(read(folder)) == ["shapes.py"]


def test_the_changed_one_of_two_is_graded(folder: Path):
    (folder / "shapes.py").write_bytes(DONE)
    (folder / "shapes.ipynb").write_bytes(notebook(STUB))

    submission = read(folder)

    assert files(submission) == ["shapes.py"]
    assert submission.notes == ()


def test_both_changed_are_both_graded_and_a_note_says_so(folder: Path):
    (folder / "shapes.py").write_bytes(DONE)
    (folder / "shapes.ipynb").write_bytes(notebook(DONE))

    submission = read(folder)

    assert files(submission) == ["shapes.ipynb", "shapes.py"]
    assert "both" in submission.notes[0]


def test_work_in_the_folder_of_a_language_is_no_zero_and_is_told(folder: Path):
    (folder / "shapes.py").write_bytes(STUB)
    (folder / "zh_CN").mkdir()
    (folder / "zh_CN" / "shapes.py").write_bytes(STUB + b"def more(): return 1\n")

    submission = read_submission(
        folder.parents[1], "ann", "shapes", RELEASED, 10_000, languages=["en", "zh_CN"]
    )

    assert submission.forms == ()
    assert (
        "zh_CN/shapes.py: was worked on, and shapes.py above it was not"
        in (submission.unreadable[0])
    )


def test_an_untouched_folder_of_a_language_beside_ones_work_is_nothing_to_tell(folder: Path):
    (folder / "shapes.py").write_bytes(STUB + b"def more(): return 1\n")
    (folder / "zh_CN").mkdir()
    (folder / "zh_CN" / "shapes.py").write_bytes(STUB)

    submission = read_submission(
        folder.parents[1], "ann", "shapes", RELEASED, 10_000, languages=["en", "zh_CN"]
    )

    assert files(submission) == ["shapes.py"]
    assert submission.unreadable == () and submission.notes == ()


def test_of_two_unchanged_ones_the_notebook_is_graded_and_a_note_says_so(folder: Path):
    (folder / "shapes.py").write_bytes(STUB)
    (folder / "shapes.ipynb").write_bytes(notebook(STUB))

    submission = read(folder)

    assert files(submission) == ["shapes.ipynb"]
    assert "as it was handed out" in submission.notes[0]


@pytest.mark.parametrize("name", ["area.py", "shapes (1).py", "Shapes.py", "作业.py"])
def test_one_file_of_another_name_is_accepted_with_a_note(folder: Path, name: str):
    (folder / name).write_bytes(DONE)

    submission = read(folder)

    assert files(submission) == [name]
    assert name in submission.notes[0]
    assert "shapes.ipynb was expected" in submission.notes[0]


def test_what_was_handed_out_beside_it_does_not_count_as_another_file(folder: Path):
    (folder / "area.py").write_bytes(DONE)
    for name in ("test_visible.py", "conftest.py", ".hidden.py"):
        (folder / name).write_text("x = 1\n")

    assert files(read(folder)) == ["area.py"]


def test_a_name_in_another_systems_encoding_is_accepted_and_can_be_written_down(folder: Path):
    (folder / os.fsdecode(b"\xd7\xf7\xd2\xb5.py")).write_bytes(DONE)

    submission = read(folder)

    assert submission.forms[0].cells[0].name == submission.forms[0].file
    submission.forms[0].file.encode()
    submission.notes[0].encode()


def test_two_files_of_other_names_are_refused_with_a_fix(folder: Path):
    (folder / "a.py").write_bytes(DONE)
    (folder / "b.ipynb").write_bytes(notebook(DONE))

    submission = read(folder)

    assert submission.forms == ()
    assert "a.py, b.ipynb" in submission.unreadable[0]
    assert "fix: rename" in submission.unreadable[0]


def test_an_empty_folder_is_told(folder: Path):
    submission = read(folder)

    assert submission.forms == ()
    assert "holds neither shapes.ipynb nor shapes.py\n  fix: " in submission.unreadable[0]


def test_a_missing_folder_is_told(folder: Path):
    folder.rmdir()

    assert "holds neither" in read(folder).unreadable[0]


def test_a_folder_that_is_a_link_is_told(folder: Path):
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    (elsewhere / "shapes.py").write_bytes(DONE)
    folder.symlink_to(elsewhere)

    submission = read(folder)

    assert submission.forms == ()
    assert "no folder that can be read" in submission.unreadable[0]


def test_a_file_in_the_place_of_the_folder_is_told(folder: Path):
    folder.rmdir()
    folder.write_bytes(DONE)

    assert "no folder that can be read" in read(folder).unreadable[0]


def test_a_file_that_is_a_link_is_told(folder: Path):
    (folder / "shapes.py").symlink_to("/etc/hostname")

    submission = read(folder)

    assert submission.forms == ()
    assert "is a link" in submission.unreadable[0]


def test_a_file_above_the_limit_is_told(folder: Path):
    (folder / "shapes.py").write_bytes(DONE)

    assert "larger than" in read(folder, max_bytes=10).unreadable[0]


def test_beside_an_unreadable_form_a_changed_one_is_graded_and_both_are_told(folder: Path):
    (folder / "shapes.ipynb").write_bytes(b'{"cells": [')
    (folder / "shapes.py").write_bytes(DONE)

    submission = read(folder)

    assert files(submission) == ["shapes.py"]
    assert "shapes.ipynb: is not a notebook" in submission.unreadable[0]


def test_beside_an_unreadable_form_an_unchanged_one_is_not_graded_as_if_it_were_the_work(
    folder: Path,
):
    (folder / "shapes.ipynb").write_bytes(b'{"cells": [')
    (folder / "shapes.py").write_bytes(STUB)

    submission = read(folder)

    assert submission.forms == ()
    assert "shapes.ipynb: is not a notebook" in submission.unreadable[0]


def test_a_pipe_beside_a_file_does_not_hold_anything_up(folder: Path):
    os.mkfifo(folder / "shapes.ipynb")
    (folder / "shapes.py").write_bytes(DONE)

    submission = read(folder)

    assert files(submission) == ["shapes.py"]
    assert "a pipe" in submission.unreadable[0]


# ---- in a folder of nearly the right name -------------------------------------------------------


@pytest.mark.parametrize("name", ["Shapes", "shapes ", "shape", "shapes (1)", "SHAPES_final"])
def test_a_folder_of_nearly_the_assignments_name_is_told_and_not_graded(folder: Path, name: str):
    (folder / "shapes.py").write_bytes(DONE)
    folder.rename(folder.with_name(name))

    submission = read(folder)

    assert submission.forms == ()
    assert submission.unreadable == (
        f'ann/shapes: is not there, but a folder "{name}" is\n'
        "  fix: if that is the one, rename it to shapes",
    )


@pytest.mark.parametrize("name", ["poetry", "notes", "s"])
def test_a_folder_of_another_name_is_no_misspelt_one(folder: Path, name: str):
    folder.rename(folder.with_name(name))

    assert "holds neither" in read(folder).unreadable[0]


def test_a_folder_beside_the_assignments_own_is_not_told(folder: Path):
    folder.with_name("Shapes").mkdir()

    assert "holds neither" in read(folder).unreadable[0]


def test_another_assignments_folder_is_no_misspelt_one(folder: Path):
    folder.rename(folder.with_name("shapes-2"))

    submission = read_submission(
        folder.parents[1], "ann", "shapes", RELEASED, 10_000, others=["shapes-2"]
    )

    assert "holds neither" in submission.unreadable[0]


def test_a_link_or_a_file_of_nearly_the_name_is_no_folder(folder: Path, tmp_path: Path):
    folder.rmdir()
    folder.with_name("Shapes").symlink_to(tmp_path)
    folder.with_name("shape").touch()

    assert "holds neither" in read(folder).unreadable[0]


def test_a_hostile_name_that_is_nearly_the_right_one_is_told_in_one_line(folder: Path):
    folder.rename(folder.with_name("shapes\n\x1b[2J"))

    where, _newline, fix = read(folder).unreadable[0].partition("\n")

    assert escape.one_line(where) == where and "shapes\\n" in where
    assert fix.startswith("  fix: ")
