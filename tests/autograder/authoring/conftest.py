"""A small made-up course, for what may not be done to the real one."""

from pathlib import Path

import pytest

from autograder.spec import Course, find_course

ASSIGNMENT_TOML = """\
title = "双倍 and \\"half\\""
layers = ["Conv2d"]
stand_ins = ["d2l"]
exercises = [
    { name = "double-exact", title = "Double", points = 3 },
    { name = "half", title = "Half", points = 2 },
]
"""
SOURCE = '''\
# %% [markdown]
# # Twice and half
#
# Write `double` and `half`.

# %%
from autograder.student import check

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Twice ``x``."""
    ### BEGIN SOLUTION
    # canary: 0123456789abcdef
    doubled = x + x
    return doubled
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "double-exact", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("double-exact")

# %% nbgrader={"grade": false, "grade_id": "halves", "locked": false, "schema_version": 3, "solution": true, "task": false}
half_of_everything = lambda x: x / 2

# %% nbgrader={"grade": true, "grade_id": "half", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("half")

# %% [markdown]
# The end.
'''  # noqa: E501 - a cell's metadata is one line
VISIBLE = """\
from autograder.checks import assert_close, check


@check("double-exact", points=1, hint="Add it to itself.")
def test_two_becomes_four(student):
    assert_close(student.double(2), 4)
"""
HIDDEN = '''\
# hidden canary: fedcba9876543210
from autograder.checks import assert_close, check


@check("double-exact", points=2, hint="Any sign.")
def test_minus_seven_becomes_minus_fourteen(student):
    """A title."""
    answer = student.double(-7)

    # said in other words
    assert_close(answer, -14)


@check("half", points=2, hint="Divide.")
def test_half_of_nine(student):
    assert_close(student.half_of_everything(9), 4.5)
'''


@pytest.fixture
def toy(tmp_path: Path) -> Course:
    """A course with one small assignment, ``toy``."""
    for name, text in {
        "course.toml": 'course_id = "toys"\n',
        "solutions/toy/assignment.toml": ASSIGNMENT_TOML,
        "solutions/toy/toy.py": SOURCE,
        "solutions/toy/README.md": "# Twice and half\n\nRun `pytest` in this folder.\n",
        "tests/visible/toy/test_visible.py": VISIBLE,
        "tests/hidden/toy/test_toy.py": HIDDEN,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return find_course(tmp_path)
