"""The file of misconceptions: what is taken from it, and what is refused with the fix."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.authoring.declared import declared_checks
from autograder.authoring.labelled import read_label
from autograder.errors import AuthorError
from autograder.misconceptions import read_misconceptions
from autograder.spec import AssignmentSpec, Course, Exercise

SPEC = AssignmentSpec(title="Sums", exercises=(Exercise("sums", "Sums", 1),), name="sums")
HEAD = "from autograder.misconceptions import Misconception\nRIGHT = {}\n"
ONE = (
    'Misconception(name="turned", exercises=("sums",), to_student="s", to_instructor="i", '
    'read_on="r", models=({},))'
)


def file_with(folder: Path, text: str) -> Path:
    (folder / "misconceptions.py").write_text(text)
    return folder


def test_an_assignment_needs_none(tmp_path: Path) -> None:
    assert read_misconceptions(tmp_path, SPEC).known == ()


def test_what_is_declared_is_found_in_order(tmp_path: Path) -> None:
    other = ONE.replace("turned", "padded")

    found = read_misconceptions(
        file_with(tmp_path, f"{HEAD}MISCONCEPTIONS = [{ONE}, {other}]"), SPEC
    )

    assert [one.name for one in found.known] == ["turned", "padded"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("RIGHT = {}\n", "RIGHT or MISCONCEPTIONS is missing"),
        ("RIGHT = {}\nMISCONCEPTIONS = [1]\n", "is no Misconception"),
        (f"{HEAD}MISCONCEPTIONS = [{ONE}, {ONE}]", "comes twice"),
        (HEAD + "MISCONCEPTIONS = [" + ONE.replace('"s"', '" "') + "]", "has an empty text"),
        (HEAD + "MISCONCEPTIONS = [" + ONE.replace('("sums",)', '("edges",)') + "]", "no exercise"),
        (HEAD + "MISCONCEPTIONS = [" + ONE.replace("({},)", "()") + "]", "has no models"),
        ("import nowhere\n", "ModuleNotFoundError"),
        ("def (:\n", "SyntaxError"),
    ],
)
def test_a_wrong_declaration_is_refused_with_the_file_and_the_fix(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(AuthorError, match=rf"(?s)misconceptions\.py.*{why}.*fix:"):
        read_misconceptions(file_with(tmp_path, text), SPEC)


def test_models_and_failed_checks_may_stand_side_by_side(tmp_path: Path) -> None:
    both = ONE.replace("models=({},)", "models=({},), failed=(frozenset({'test_a'}),)")

    [one] = read_misconceptions(file_with(tmp_path, f"{HEAD}MISCONCEPTIONS = [{both}]"), SPEC).known

    assert one.models == ({},) and one.failed == (frozenset({"test_a"}),)


def test_reading_it_leaves_no_module_and_no_bytecode_behind(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("VALUE = 1\n")
    before, path = set(sys.modules), list(sys.path)

    read_misconceptions(file_with(tmp_path, f"import neighbour\n{HEAD}MISCONCEPTIONS = []"), SPEC)

    assert "neighbour" not in set(sys.modules) - before
    assert sys.path == path
    assert not (tmp_path / "__pycache__").exists()


def test_every_misconception_of_this_course_says_something_of_its_own(course: Course) -> None:
    spec = course.assignment("convolutions")

    known = read_misconceptions(course.hidden_checks("convolutions"), spec).known

    assert len(known) >= 40
    assert len({one.to_student for one in known}) == len(known)


def test_every_misconception_of_this_course_is_made_by_a_labelled_submission(
    course: Course,
) -> None:
    spec = course.assignment("convolutions")
    known = read_misconceptions(course.hidden_checks("convolutions"), spec).known
    wrong = sorted((course.labelled("convolutions") / "wrong").glob("*.py"))

    labels = {read_label(path.read_text(), path, spec).misconception for path in wrong}

    assert labels - {None} == {one.name for one in known}


def test_patterns_list_checks_that_there_are(course: Course) -> None:
    spec = course.assignment("convolutions")
    known = read_misconceptions(course.hidden_checks("convolutions"), spec).known
    folders = course.visible_checks("convolutions"), course.hidden_checks("convolutions")
    checks = {check.name for folder in folders for check in declared_checks(folder)}

    listed = {name for one in known for names in one.failed for name in names}

    assert listed and listed <= checks
