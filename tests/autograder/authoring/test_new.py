"""The folders of a new assignment: they work as they are, and nothing is overwritten for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import cli
from autograder.authoring.new import make_assignment
from autograder.errors import OperatorError
from autograder.spec import Course, find_course

Said = pytest.CaptureFixture[str]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course without an assignment, in which commands are started."""
    (tmp_path / "course.toml").write_text('course_id = "empty"\n')
    monkeypatch.chdir(tmp_path)
    return find_course(tmp_path)


def files(course: Course) -> dict[str, str]:
    return {
        path.relative_to(course.root).as_posix(): path.read_text()
        for path in sorted(course.root.rglob("*"))
        if path.is_file()
    }


def test_the_four_folders_are_made_and_what_is_in_them_is_told(
    course: Course, capsys: Said
) -> None:
    code = cli.run(["new", "max_pooling"])

    assert code == 0
    *made, hint = capsys.readouterr().out.splitlines()
    assert sorted([*made, "course.toml"]) == sorted(files(course))
    assert {
        "solutions/max_pooling/max_pooling.py",
        "solutions/max_pooling/assignment.toml",
        "solutions/max_pooling/README.md",
        "tests/visible/max_pooling/test_visible.py",
        "tests/hidden/max_pooling/test_hidden.py",
        "tests/hidden/max_pooling/misconceptions.py",
    } < set(made)
    assert {Path(path).parent.as_posix() for path in made} > {
        "tests/submissions/max_pooling/correct",
        "tests/submissions/max_pooling/wrong",
    }
    assert hint == "next: autograder release max_pooling"
    assert course.assignment("max_pooling").title == "Max pooling"


def test_it_is_released_and_audited_without_a_defect_as_it_is(course: Course, capsys: Said) -> None:
    cli.run(["new", "pooling"])

    released, audited = cli.run(["release"]), cli.run(["audit"])

    said = capsys.readouterr()
    assert (released, audited) == (0, 0), said.err
    assert said.out.endswith("\nthe checks hold\n")


def test_every_canary_is_drawn_anew(course: Course) -> None:
    make_assignment(course, "first")
    make_assignment(course, "second")

    found = re.findall(r"canary: ([0-9a-f]{16})\n", "".join(files(course).values()))
    assert len(found) == len(set(found)) == 6


def test_nothing_is_left_to_fill_in(course: Course) -> None:
    make_assignment(course, "first")

    everything = "".join(f"{name}\n{text}" for name, text in files(course).items())
    assert not re.search("NAME|TITLE|CANARY", everything)


@pytest.mark.parametrize(
    "folder", ["solutions", "tests/visible", "tests/hidden", "tests/submissions", "assignments"]
)
def test_what_is_there_is_never_overwritten(course: Course, folder: str) -> None:
    mine = course.root / folder / "pooling" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    before = files(course)

    with pytest.raises(OperatorError, match=rf"{folder}/pooling: is there already\n  fix: "):
        make_assignment(course, "pooling")

    assert files(course) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "no name of a Python module"),
        ("max-pooling", "no name of a Python module"),
        ("2d", "no name of a Python module"),
        ("../up", "no name of a Python module"),
        ("Pooling", "no name of a Python module"),
        ("池化", "no name of a Python module"),
        ("lambda", "no name of a Python module"),
        ("_hidden", "something else"),
        ("test_pooling", "something else"),
        ("conftest", "something else"),
        ("json", "is installed"),
        ("torch", "is installed"),
    ],
)
def test_a_name_that_a_students_file_cannot_have_is_refused(
    course: Course, name: str, why: str
) -> None:
    with pytest.raises(OperatorError, match=rf"(?s)^{name!r} .*{why}.*fix: "):
        make_assignment(course, name)

    assert list(files(course)) == ["course.toml"]
