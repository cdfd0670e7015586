"""One class, graded by both routes, for all tests of this folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.autograder.gradebook.conftest import (  # noqa: F401 - fixtures of these tests, too
    database,
    empty_gradebook,
)
from tests.autograder.grading.conftest import (  # noqa: F401
    counted,
    empty_counting_gradebook,
)
from tests.autograder.nbgrader.two_courses import (
    ROOT,
    CourseOnDisk,
    all_labelled,
    new_course,
)

SAMPLE = {
    "correct/four_loops", "correct/gbk_bytes", "correct/magics_and_shell_lines",
    "correct/second_try_is_right", "wrong/corr2d_kernel_flipped", "wrong/layer_not_written",
    "wrong/train_step_forgotten", "wrong/corr2d_zeros",
}  # fmt: skip
RIGHT = ROOT / "tests/submissions/convolutions/correct/released_notebook_filled_in.ipynb"
# What a kernel would let it do; where it may, the layer is wrong.
SPY = """
from pathlib import Path
seen = ""
for path in ("PLACE/gradebook.db", "PLACE/.course-secret", "../../../gradebook.db"):
    try:
        seen += str(len(Path(path).read_bytes()))
    except Exception:
        pass
for path in ("PLACE/was-here", "was-here", "PLACE/autograded/spy/convolutions/was-here"):
    try:
        Path(path).write_text(seen)
    except Exception:
        pass
print("the spy saw", seen)
"""


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> CourseOnDisk:
    """A course, released and handed in, and not graded."""
    course = new_course(tmp_path_factory.mktemp("nbgrader") / "course")
    course.hand_in_examples()
    course.hand_in_labelled(one for one in all_labelled() if one.name in SAMPLE)
    right = json.loads(RIGHT.read_bytes())
    doubled = {**right, "cells": [*right["cells"], *right["cells"][-4:]]}
    course.hand_in("doubled", "convolutions.ipynb", json.dumps(doubled).encode())
    course.hand_in("broken", "convolutions.ipynb", b'{"cells": [')
    course.hand_in("garbled", "convolutions.py", b"# coding: utf-8\nx = '\xff'\n")
    elsewhere = json.loads(json.dumps(right).replace('"convolutions"', '"another"'))
    elsewhere["metadata"]["nbgrader"] = {"assignment": "another", "student": "ada"}
    course.hand_in("elsewhere", "convolutions.ipynb", json.dumps(elsewhere).encode())
    course.hand_in("late", "convolutions.ipynb", RIGHT.read_bytes())
    course.hand_in("late", "timestamp.txt", b"2026-10-01 13:00:00 UTC")
    return course


@pytest.fixture(scope="session")
def by_us(handed_in: CourseOnDisk, tmp_path_factory: pytest.TempPathFactory) -> CourseOnDisk:
    """The class as `autograder grade` leaves it."""
    course = copied(handed_in, tmp_path_factory.mktemp("by-us"))
    hand_in_spy(course)
    done = course.run("autograder", "grade")
    assert done.returncode == 1, done.stderr  # there are some that cannot be graded
    return course


@pytest.fixture(scope="session")
def by_nbgrader(handed_in: CourseOnDisk, tmp_path_factory: pytest.TempPathFactory) -> CourseOnDisk:
    """The class as `nbgrader autograde` leaves it; what that said is in autograde.log."""
    course = copied(handed_in, tmp_path_factory.mktemp("by-nbgrader"))
    hand_in_spy(course)
    course.hand_in("Not An Id", "convolutions.ipynb", RIGHT.read_bytes())
    (course.root / "submitted/late/convolutions/notes.txt").symlink_to(course.root / "course.toml")
    done = course.nbgrader("autograde", "convolutions")
    (course.root / "autograde.log").write_text(done.stderr)
    assert done.returncode == 1, done.stderr  # one has a folder that is no student's
    return course


@pytest.fixture
def graded(by_nbgrader: CourseOnDisk, tmp_path: Path) -> CourseOnDisk:
    """A copy of the graded class, for one test."""
    return copied(by_nbgrader, tmp_path)


def copied(course: CourseOnDisk, folder: Path) -> CourseOnDisk:
    """A copy in ``folder``."""
    return CourseOnDisk(shutil.copytree(course.root, folder / "course"))


def hand_in_spy(course: CourseOnDisk) -> None:
    """A right answer that first looks around in this very course."""
    right = json.loads(RIGHT.read_bytes())
    spy = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
           "source": SPY.replace("PLACE", str(course.root))}  # fmt: skip
    cells = [spy, *right["cells"]]
    course.hand_in("spy", "convolutions.ipynb", json.dumps({**right, "cells": cells}).encode())
