"""A new assignment: its folders, with a small exercise in them that already works.

What is made here is released and audited without a defect as it stands, so that an author starts
from something right and replaces it part by part. docs/adding-an-assignment.md goes on from here.
"""

from __future__ import annotations

import keyword
import secrets
import sys
from pathlib import Path

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.spec import Course

# Where what stands; NAME, TITLE and CANARY are filled in. The first part of a path is a folder.
_FILES = {
    "solutions/NAME/assignment.toml": """\
# What the engine needs to know about this assignment; docs/authoring.md lists every key.
title = "TITLE"

[[exercises]]
name = "doubling" # the grade_id of its grade cell
title = "Twice as much"
points = 10 # those of its checks, visible and hidden, add up to this
""",
    "solutions/NAME/NAME.py": '''\
# %% [markdown]
# # TITLE
#
# What this is about, and what there is to write: here the function `double`. Put your code where
# it says `YOUR CODE HERE`, in the place of `raise NotImplementedError()`.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

try:
    from autograder.student import check
except ImportError:

    def check(exercise):
        """Say why nothing can be checked here, and what to do about it."""
        raise ImportError(
            f"cannot check {exercise!r}: the course's checker is not installed for this Python\\n"
            "  fix: install the course's checker as the README beside this notebook says"
        )


# %% [markdown]
# ## 1. Twice as much
#
# **The contract** of `double(x)`: `x` is a float tensor of any shape. A tensor of the same shape
# comes back, in which every value is twice that of `x`.


# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Return twice ``x``.

    Args:
        x: Float tensor of any shape.

    Returns:
        Float tensor of the same shape.
    """
    ### BEGIN SOLUTION
    # canary: CANARY
    return 2 * x
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "doubling", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check("doubling")
''',  # noqa: E501 - a cell's metadata is one line
    "solutions/NAME/README.md": """\
# TITLE

Fill in `double`, check it here, hand the file in.

1. Install the checker, once, from the file that came with the course:
   `python -m pip install convcourse-*.whl`.
2. Open `NAME.ipynb` in Jupyter **or** `NAME.py` in an editor. They hold the same text and the same
   stubs; work in the one you like.
3. `autograder check`, in this folder, runs the checks you can see. They carry 4 of the 10 points.
4. Hand in `NAME.ipynb` or `NAME.py`, under that name.
""",
    "tests/visible/NAME/test_visible.py": '''\
"""The checks you can see: 4 of the 10 points of "TITLE"."""

import torch

from autograder.checks import assert_close, check


@check("doubling", points=4, hint="What do you multiply every value with?")
def test_every_value_is_doubled(student):
    result = student.double(torch.tensor([1.0, 2.0, 3.0]))

    assert_close(result, torch.tensor([2.0, 4.0, 6.0]))
''',
    "tests/hidden/NAME/test_hidden.py": '''\
# hidden canary: CANARY
"""Other numbers, in another shape: 6 points."""

from autograder.checks import assert_close, check


@check("doubling", points=6, hint="It is the same below zero, and in every shape.")
def test_a_table_of_any_numbers_is_doubled(student, draw):
    x = draw.normal(2, 3)
    expected = x + x

    result = student.double(x)

    assert_close(result, expected)
''',
    "tests/hidden/NAME/misconceptions.py": '''\
# hidden canary: CANARY
"""Mistakes that have a name: what the answers are where somebody makes them."""

from autograder.misconceptions import Misconception

RIGHT = {"double": lambda x: 2 * x}

MISCONCEPTIONS = [
    Misconception(
        name="squared",
        exercises=("doubling",),
        to_student="Your answers are the squares, every value times itself; doubled is times two.",
        to_instructor="x * x in the place of 2 * x.",
        read_on="Part 1, Twice as much",
        models=({"double": lambda x: x * x},),
    ),
]
''',
    "tests/submissions/NAME/correct/added_to_itself.py": """\
def double(x):
    return x + x
""",
    "tests/submissions/NAME/wrong/squared.py": """\
# mistake: every value is multiplied by itself
# loses all of: doubling
# misconception: squared
def double(x):
    return x**2
""",
}


def make_assignment(course: Course, name: str) -> list[Path]:
    """Make the folders of the assignment ``name``; the files in them.

    Raises OperatorError where ``name`` can be no assignment's, or something is there already.
    """
    _refuse_name(name)
    texts = {course.root / path.replace("NAME", name): text for path, text in _FILES.items()}
    folders = (
        course.source(name).parent,
        course.visible_checks(name),
        course.hidden_checks(name),
        course.labelled(name),
        course.release(name),
    )
    for folder in folders:
        if folder.exists() or folder.is_symlink():
            raise OperatorError(
                _("{folder}: is there already\n  fix: take another name").format(folder=folder)
            )
    title = name.replace("_", " ").capitalize()
    for path, text in texts.items():
        filled = text.replace("NAME", name).replace("TITLE", title)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:  # "x": nothing is ever overwritten
            file.write(filled.replace("CANARY", secrets.token_hex(8)))
    return list(texts)


_MAX_NAME = 64
_TAKEN = frozenset({"conftest", "sitecustomize", "usercustomize", "con", "nul", "aux", "prn"})


def _refuse_name(name: str) -> None:
    """A student's file has the name of the assignment, and is imported by it."""
    if not (name.isascii() and name.isidentifier() and name.islower()) or keyword.iskeyword(name):
        why = _("is no name of a Python module in lower case")
    elif len(name) > _MAX_NAME:
        why = _("is longer than {count} characters").format(count=_MAX_NAME)
    elif name.startswith(("_", "test_")) or name in _TAKEN:
        why = _("is a name that Python or pytest takes for something else")
    elif any(finder.find_spec(name, None) for finder in sys.meta_path):
        why = _("is a module that is installed, and a student's file would stand before it")
    else:
        return
    raise OperatorError(
        _("{name!r} {why}\n  fix: take a name such as max_pooling").format(name=name, why=why)
    )
