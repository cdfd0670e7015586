"""Which of a folder's two forms is checked: no newer work is passed over without a word."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from autograder.student.released import read_released, students_file
from tests.autograder.student.conftest import RIGHT

STUB = "def corr2d(X, K):\n    raise NotImplementedError()\n"
OTHER_STUB = "def train_kernel(conv):\n    raise NotImplementedError()\n"
DONE = "def corr2d(X, K):\n    return X\n"
DONE_OTHERWISE = "def corr2d(X, K):\n    return K\n"
OTHER_DONE = "def train_kernel(conv):\n    return conv\n"


def chosen(folder: Path, *, before: str, last: str) -> tuple[str, str]:
    """The file chosen, and what is said, of a script saved before a notebook."""
    cell = {"cell_type": "code", "source": last, "metadata": {}, "outputs": []}
    (folder / "convolutions.py").write_text(before)
    (folder / "convolutions.ipynb").write_text(json.dumps({"cells": [cell]}))
    os.utime(folder / "convolutions.py", (1000, 1000))
    os.utime(folder / "convolutions.ipynb", (2000, 2000))
    path, about = students_file(folder, read_released(folder))
    return path.name, about


def test_of_two_begun_forms_the_one_saved_last_is_checked_and_the_other_named(folder: Path) -> None:
    name, about = chosen(folder, before=DONE + OTHER_DONE, last=DONE_OTHERWISE + OTHER_STUB)

    assert name == "convolutions.ipynb"
    assert about == (
        "convolutions.py is there as well; this is convolutions.ipynb, saved last. "
        "`autograder check convolutions.py` runs the other"
    )


def test_an_older_form_that_is_as_it_was_handed_out_is_not_spoken_of(folder: Path) -> None:
    assert chosen(folder, before=STUB + OTHER_STUB, last=DONE + OTHER_STUB) == (
        "convolutions.ipynb",
        "",
    )


def test_stubs_saved_last_do_not_hide_what_is_written_in_the_other(folder: Path) -> None:
    name, about = chosen(folder, before=DONE + OTHER_STUB, last=STUB + OTHER_STUB)

    assert name == "convolutions.py"
    assert about.startswith("convolutions.ipynb was saved later, and nothing more is written")


def test_a_function_that_both_hold_alike_is_no_newer_work(folder: Path) -> None:
    name, _about = chosen(folder, before=DONE + OTHER_DONE, last=DONE + "# same\n" + OTHER_STUB)

    assert name == "convolutions.py"


def test_the_same_work_in_both_forms_needs_no_word(folder: Path) -> None:
    assert chosen(folder, before=DONE, last="%matplotlib inline\n" + DONE) == (
        "convolutions.ipynb",
        "",
    )


@pytest.mark.parametrize("broken", [DONE[:-4] + "(((", "def f(:\n"])
def test_a_form_with_a_syntax_error_is_begun(folder: Path, broken: str) -> None:
    name, about = chosen(folder, before=RIGHT, last=broken)

    assert name == "convolutions.ipynb"
    assert "convolutions.py is there as well" in about


def test_a_notebook_saved_last_that_cannot_be_read_is_not_passed_over(folder: Path) -> None:
    chosen(folder, before=DONE, last=STUB)
    (folder / "convolutions.ipynb").write_text("{")

    path, _about = students_file(folder, read_released(folder))

    assert path.name == "convolutions.ipynb"
