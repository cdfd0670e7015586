"""`nbgrader collect` with the course's configuration: what is kept beside the submissions."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading.counting import Counting

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [],
         "execution_count": None},
    ],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip
DUE = "2026-10-01 12:00:00 UTC"


@pytest.fixture
def course(counted: Counting) -> Counting:
    with counted.gradebook() as opened:
        opened.update_or_create_assignment("toy", duedate=DUE)
    return counted


def hand_in(course: Counting, student: str, *moments: str) -> None:
    """Into the exchange, once at each of ``moments``, each time another answer."""
    for number, moment in enumerate(moments):
        folder = exchange(course) / "toy" / "inbound" / f"{student}+toy+{moment}+{number}"
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(moment)
        (folder / "toy.py").write_text(f"x = {number}\n")


def exchange(course: Counting) -> Path:
    return course.root.with_name("exchange")


def collect(course: Counting, **options: Any) -> None:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from autograder.nbgrader.exchange import Collect

    (exchange(course) / "toy" / "inbound").mkdir(parents=True, exist_ok=True)
    config = Config({"Exchange": {"root": str(exchange(course))}})
    folders = CourseDirectory(
        root=str(course.root),
        course_id="toy",
        assignment_id="toy",
        db_url=f"sqlite:///{course.root / 'gradebook.db'}",
        config=config,
    )
    Collect(coursedir=folders, config=config, check_owner=False, **options).start()


def submitted(course: Counting, student: str) -> str:
    return (course.root / "submitted" / student / "toy" / "toy.py").read_text()


def on_time(course: Counting, student: str) -> Path:
    return course.root / "submitted-on-time" / student / "toy" / "toy.py"


def test_a_script_comes_back_byte_for_byte_with_a_notebook_beside_it(course: Counting) -> None:
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC")

    collect(course)

    folder = course.root / "submitted" / "ada" / "toy"
    assert (folder / "toy.py").read_bytes() == b"x = 0\n"
    assert json.loads((folder / "toy.ipynb").read_bytes())["nbformat"] == 4


def test_of_who_was_late_the_last_version_in_time_is_kept(course: Counting) -> None:
    hand_in(
        course, "ada", "2026-10-01 10:00:00 UTC", "2026-10-01 11:00:00 UTC",
        "2026-10-01 13:00:00 UTC",
    )  # fmt: skip

    collect(course)

    assert submitted(course, "ada") == "x = 2\n"
    assert on_time(course, "ada").read_text() == "x = 1\n"


def test_nothing_is_kept_of_who_was_always_in_time_or_always_late(course: Counting) -> None:
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC", "2026-10-01 11:00:00 UTC")
    hand_in(course, "bo", "2026-10-01 13:00:00 UTC", "2026-10-01 14:00:00 UTC")

    collect(course)

    assert not on_time(course, "ada").exists() and not on_time(course, "bo").exists()


def test_an_extension_moves_what_is_in_time(course: Counting) -> None:
    with course.gradebook() as opened:
        opened.add_student("ada")
        opened.add_submission("toy", "ada", extension=datetime.timedelta(hours=2))
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC", "2026-10-01 13:00:00 UTC")

    collect(course)

    assert submitted(course, "ada") == "x = 1\n" and not on_time(course, "ada").exists()


def test_collecting_again_keeps_what_is_in_time_of_now(course: Counting) -> None:
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC", "2026-10-01 13:00:00 UTC")
    collect(course)
    with course.gradebook() as opened:
        opened.update_or_create_assignment("toy", duedate="2026-10-02 12:00:00 UTC")

    collect(course, update=True)

    assert not on_time(course, "ada").exists()


def test_a_link_that_was_handed_in_brings_nothing_of_the_instructors(course: Counting) -> None:
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC")
    folder = next((exchange(course) / "toy" / "inbound").iterdir())
    (folder / "notes.txt").symlink_to(course.root / "course.toml")
    (folder / "all").symlink_to(course.root)

    collect(course)

    collected = course.root / "submitted" / "ada" / "toy"
    assert sorted(path.name for path in collected.iterdir()) == [
        "timestamp.txt", "toy.ipynb", "toy.py",
    ]  # fmt: skip


def test_a_submission_that_is_a_link_is_not_collected(course: Counting) -> None:
    inbound = exchange(course) / "toy" / "inbound"
    inbound.mkdir(parents=True)
    (inbound / "ada+toy+2026-10-01 10:00:00 UTC+0").symlink_to(course.root)

    collect(course)

    assert not (course.root / "submitted" / "ada" / "toy").exists()


def test_a_name_that_is_no_students_is_not_collected(course: Counting) -> None:
    hand_in(course, 'x";alert(1);"', "2026-10-01 10:00:00 UTC")
    hand_in(course, "ada", "2026-10-01 10:00:00 UTC")

    collect(course)

    assert [path.name for path in (course.root / "submitted").iterdir()] == ["ada"]
