"""A second assignment, max pooling, from nothing to grades by the commands of the document."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import nn

from autograder import cli
from autograder.report import Report, decode_report
from autograder.sandbox.inside.interpreter import FUNCTIONS
from tests.autograder.conftest import ROOT

DOCUMENT = ROOT / "docs" / "adding-an-assignment.md"
FILES = Path(__file__).with_name("second_assignment")
MADE = ("solutions", "tests/visible", "tests/hidden", "tests/submissions")


class Said(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    text: str


class Followed(NamedTuple):
    """A course in which somebody has followed the document; what was said, by command."""

    root: Path
    said: Mapping[str, Said]

    def report(self, student: str) -> Report:
        return decode_report(
            (self.root / "reports" / student / "pooling" / "report.json").read_bytes()
        )

    def scores(self, student: str) -> dict[str, int | None]:
        return {exercise.name: exercise.score for exercise in self.report(student).exercises}


def commands() -> list[list[str]]:
    """The command lines of the document, in order."""
    return [shlex.split(line) for line in re.findall(r"^\$ (.*)", DOCUMENT.read_text(), re.M)]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """The course with its first assignment, and a second one written in the place of what is made.

    The engine is the installed one, as it is.
    """
    root = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions", "tests/visible", "tests/hidden"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", root)
    shutil.copytree(FILES / "submitted", root / "submitted")
    said: dict[str, Said] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for program, *arguments in commands():
            assert program == "autograder"
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                code = cli.run(arguments)
            sys.modules.pop("pooling", None)  # `check` runs the student's module in this process
            said[arguments[0]] = Said(code, printed.getvalue())
            if arguments[0] == "new":
                for folder in MADE:
                    shutil.rmtree(root / folder / "pooling")
                    shutil.copytree(FILES / folder / "pooling", root / folder / "pooling")
    return Followed(root, said)


def test_the_document_has_seven_steps() -> None:
    assert re.findall(r"^## (\d)\.", DOCUMENT.read_text(), re.M) == list("1234567")


def test_every_command_of_the_document_succeeds(followed: Followed) -> None:
    assert {name: said.code for name, said in followed.said.items()} == {
        "new": 0, "audit": 0, "release": 0, "check": 0, "grade": 0,
    }  # fmt: skip


def test_students_get_the_five_files_of_the_second_and_keep_those_of_the_first(
    followed: Followed,
) -> None:
    assignments = followed.root / "assignments"

    # What `check` remembers there between two runs is ignored by git, and not released.
    names = {path.name for path in (assignments / "pooling").iterdir()} - {".autograder"}
    assert sorted(names) == [
        "README.md", "conftest.py", "pooling.ipynb", "pooling.py", "test_visible.py",
    ]  # fmt: skip
    of_the_first = (ROOT / "assignments" / "convolutions").glob("*.*")
    for path in (one for one in of_the_first if one.is_file()):
        assert (assignments / "convolutions" / path.name).read_bytes() == path.read_bytes()


def test_the_release_says_that_it_was_graded_first(followed: Followed) -> None:
    assert "the solution earns everything, the stubs nothing" in followed.said["release"].text
    assert "each of 8 checks" in followed.said["release"].text


def test_a_student_sees_the_stub_fail_on_the_first_check(followed: Followed) -> None:
    said = followed.said["check"].text

    assert said.startswith("Max pooling · pooling.py")
    assert "0 points; at most 18 of 50 shown here" in said


def test_the_audit_finds_no_defect(followed: Followed) -> None:
    said = followed.said["audit"].text

    assert re.search(r"^wrong +10  0 kept .*, 0 lost points outside the label$", said, re.M)
    assert re.search(r"^named +5  5 by the right name, 0 by a wrong one$", said, re.M)
    assert said.endswith("\nthe checks hold\n")


def test_a_class_of_three_earns_what_it_deserves(followed: Followed) -> None:
    assert followed.scores("ada") == {"max-pooling": 30, "pooling-layer": 20}
    assert followed.scores("bo") == {"max-pooling": 0, "pooling-layer": 20}
    assert followed.scores("cy") == {"max-pooling": 30, "pooling-layer": 0}
    assert (followed.root / "gradebook.db").is_file()


def test_the_mistake_of_the_function_has_its_name_and_does_not_cost_the_layers_points(
    followed: Followed,
) -> None:
    pooling, layer = followed.report("bo").exercises

    # What stays as it was stays so with the mean as well; the rest are means.
    assert {check.misconception for check in pooling.checks} == {"mean-for-maximum"}
    assert {check.carried_forward for check in layer.checks} == {True}
    [told] = followed.report("bo").misconceptions
    assert told.to_student.startswith("Your answers are the means of the windows")


@pytest.mark.parametrize(("name", "pooled"), [("max_pool2d", 4.0), ("avg_pool2d", 2.5)])
def test_torchs_pooling_stands_in_however_a_student_calls_theirs(name: str, pooled: float) -> None:
    image, function = torch.tensor([[1.0, 2.0, 9.0], [3.0, 4.0, 9.0]]), FUNCTIONS[name]

    answers = [
        function(image, (2, 2)),
        function(image, pool_size=2, mode="max"),
        function(X=image, pool_size=[2, 2]),
        function(nn.Identity(), image, (2, 2)),  # bound over a method
    ]

    assert [answer.tolist() for answer in answers] == [[[pooled]]] * 4
