"""What a release is refused for once its solution, its stubs and its checks are graded."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import cli
from autograder.authoring.guard import guard_release
from autograder.authoring.new import make_assignment
from autograder.errors import AuthorError, SandboxError
from autograder.sandbox.host import Sandbox
from autograder.spec import Course, find_course

EXPECTED_NINETEEN = """\
# hidden canary: fedcba9876543210
import torch

from autograder.checks import assert_close, check


@check("doubling", points=6, hint="HINT", title="TITLE")
def test_of_a_number(student):
    x = torch.tensor([9.5])

    assert_close(student.double(x), torch.tensor([19.0]))
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all tests here: each takes seconds to start."""
    root = tmp_path_factory.mktemp("course")
    (root / "course.toml").write_text('course_id = "toys"\n')
    course = find_course(root)
    make_assignment(course, "toy")
    with Sandbox(course.assignment("toy"), [course.source("toy")]) as sandbox:
        yield sandbox


@pytest.fixture
def toy(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course with the assignment that ``autograder new toy`` makes."""
    monkeypatch.setattr(
        "autograder.grading.bench.Sandbox", lambda *_: contextlib.nullcontext(sandbox)
    )
    (tmp_path / "course.toml").write_text('course_id = "toys"\n')
    course = find_course(tmp_path)
    make_assignment(course, "toy")
    return course


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def hidden(course: Course) -> Path:
    return course.hidden_checks("toy") / "test_hidden.py"


def refusal(course: Course) -> str:
    """What the guard says when it refuses."""
    with pytest.raises(AuthorError) as refused:
        guard_release(course, "toy")
    return str(refused.value)


def test_an_assignment_whose_checks_hold_passes_and_nothing_is_written(toy: Course) -> None:
    graded: list[str] = []

    guarded = guard_release(toy, "toy", lambda done, most, name: graded.append(name))

    assert (guarded.checks, guarded.wrong) == (2, 1)
    assert graded == [
        "solution/toy.ipynb", "solution/toy.py", "stub/toy.ipynb", "stub/toy.py", "wrong/squared",
    ]  # fmt: skip
    assert not (toy.root / "assignments").exists()


def test_a_refused_release_writes_nothing_and_ends_with_exit_code_2(
    toy: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(toy.root)
    edit(toy.source("toy"), "return 2 * x", "return 3 * x")

    code = cli.run(["release"])

    assert code == 2
    assert "the solution, as toy.ipynb, does not earn everything" in capsys.readouterr().err
    assert not (toy.root / "assignments").exists()


def test_where_student_code_cannot_be_isolated_nothing_is_released(
    toy: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise SandboxError("cannot isolate student code\n  fix: a kernel that can")

    monkeypatch.chdir(toy.root)
    monkeypatch.setattr("autograder.grading.bench.Sandbox", refuse)

    assert cli.run(["release"]) == 3
    assert not (toy.root / "assignments").exists()


# --- The solution and the stub ------------------------------------------------------------------


def test_a_solution_that_loses_points_is_refused_with_each_check_and_why(toy: Course) -> None:
    edit(toy.source("toy"), "return 2 * x", "return 3 * x")

    said = refusal(toy)

    assert said.startswith(f"{toy.source('toy')}: the solution, as toy.ipynb, does not earn")
    assert re.search(
        r"test_visible\.py:8: test_every_value_is_doubled: "
        r"Mismatch: the result: 3 of 3 values differ\n",
        said,
    )
    assert "test_hidden.py:7: test_a_table_of_any_numbers_is_doubled: " in said
    assert "\n  fix: " in said


def test_the_solution_has_to_be_right_as_a_script_too(toy: Course) -> None:
    only_there = 'return 2 * x if __name__ == "__main__" else x'
    edit(toy.source("toy"), "return 2 * x", only_there)

    assert "the solution, as toy.py, does not earn everything" in refusal(toy)


def test_a_check_that_breaks_on_the_solution_is_refused(toy: Course) -> None:
    edit(hidden(toy), "expected = x + x", "expected = {}['x']")

    assert "test_a_table_of_any_numbers_is_doubled: KeyError: 'x'\n" in refusal(toy)


def test_a_check_that_what_students_get_passes_is_refused(toy: Course) -> None:
    edit(hidden(toy), "result = student.double(x)\n\n    assert_close(result, expected)", "pass")

    said = refusal(toy)

    assert said.startswith(f"{toy.release('toy') / 'toy.ipynb'}: would earn points as students get")
    assert f"{hidden(toy)}:7: test_a_table_of_any_numbers_is_doubled\n  fix: " in said
    assert "test_every_value" not in said


# --- The wrong submissions ----------------------------------------------------------------------


def test_a_check_that_no_wrong_submission_fails_is_refused(toy: Course) -> None:
    wrong = toy.labelled("toy") / "wrong" / "squared.py"
    edit(wrong, "return x**2", "return x + abs(x)")  # which is right above zero
    edit(wrong, "loses all of", "loses")

    said = refusal(toy)

    assert said.startswith(f"{wrong.parent}: no wrong submission there fails these checks:\n")
    assert "test_visible.py:8: test_every_value_is_doubled\n  fix: add one" in said
    assert "test_a_table" not in said


def test_what_a_wrong_submission_fails_outside_its_label_does_not_count(
    toy: Course,
) -> None:
    toml = toy.source("toy").with_name("assignment.toml")
    toml.write_text(toml.read_text() + '[[exercises]]\nname = "two"\ntitle = "Two"\npoints = 1\n')
    cell = '\n# %% nbgrader={"grade": true, "grade_id": "two", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}\ncheck("two")\n'  # noqa: E501
    toy.source("toy").write_text(toy.source("toy").read_text() + cell)
    hidden(toy).write_text(
        hidden(toy).read_text()
        + '\n\n@check("two", points=1, hint="Two.")\ndef test_two(student, draw):\n'
        "    x = draw.normal(2)\n    assert_close(student.double(x), 2 * x)\n"
    )

    said = refusal(toy)

    assert "test_two\n  fix: " in said
    assert "test_every_value" not in said


def test_wrong_submissions_are_graded_only_until_every_check_has_failed(toy: Course) -> None:
    wrong = toy.labelled("toy") / "wrong" / "squared.py"
    for number in range(9):
        wrong.with_name(f"squared_{number}.py").write_text(wrong.read_text())

    assert guard_release(toy, "toy").wrong == 1


# --- Titles and hints ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "hint", "told"),
    [
        ("Of a number", "It comes to 19.", "the hint of test_of_a_number tells .*: 19\n"),
        ("Nineteen is 19.0", "Double it.", "the title of test_of_a_number tells .*: 19.0\n"),
    ],
)
def test_an_expected_value_in_a_hidden_checks_title_or_hint_is_refused(
    toy: Course, title: str, hint: str, told: str
) -> None:
    hidden(toy).write_text(EXPECTED_NINETEEN.replace("TITLE", title).replace("HINT", hint))

    said = refusal(toy)

    assert re.match(rf"{hidden(toy)}:7: {told}  fix: ", said)


def test_an_expected_value_in_a_later_hint_is_refused_too(toy: Course) -> None:
    text = EXPECTED_NINETEEN.replace("TITLE", "Of a number")
    hidden(toy).write_text(text.replace('"HINT"', '("Double it.", "It comes to 19.")'))

    assert "the hint of test_of_a_number tells what the check expects: 19\n" in refusal(toy)


def test_an_expected_value_that_students_are_told_anyway_may_stand_in_a_hint(toy: Course) -> None:
    text = EXPECTED_NINETEEN.replace("TITLE", "Of a number").replace("HINT", "It comes to 19.")
    hidden(toy).write_text(text)
    edit(toy.source("toy"), "in which every value", "(19 of 9.5) in which every value")

    assert guard_release(toy, "toy").checks == 2


def test_a_visible_checks_hint_may_hold_what_its_source_shows(toy: Course) -> None:
    visible = toy.visible_checks("toy") / "test_visible.py"
    edit(visible, "What do you multiply every value with?", "4 and 6 are even.")

    assert guard_release(toy, "toy").checks == 2


def test_an_empty_title_is_refused(toy: Course) -> None:
    edit(hidden(toy), "in every shape.", 'in every shape.", title=" ')

    assert re.match(
        r".*test_hidden\.py:7: test_a_table_of_any_numbers_is_doubled has no title\n  fix: ",
        refusal(toy),
    )


def test_an_empty_hint_is_refused(toy: Course) -> None:
    edit(hidden(toy), "It is the same below zero, and in every shape.", " ")

    assert re.match(r".*test_hidden\.py:7: a check needs .* and a hint\n  fix: ", refusal(toy))


# --- assignment.toml ----------------------------------------------------------------------------


def test_nothing_is_asked_of_a_void_check(toy: Course) -> None:
    edit(hidden(toy), "expected = x + x", "expected = x + x + 1")
    toml = toy.source("toy").with_name("assignment.toml")
    toml.write_text(f'void = ["test_a_table_of_any_numbers_is_doubled"]\n{toml.read_text()}')

    assert guard_release(toy, "toy").checks == 1


@pytest.mark.parametrize(
    ("lost", "function", "unknown"),
    [("doubling", "sort", "'sort'"), ("halving", "conv2d", "'halving'")],
)
def test_what_cannot_be_carried_forward_is_refused(
    toy: Course, lost: str, function: str, unknown: str
) -> None:
    toml = toy.source("toy").with_name("assignment.toml")
    rule = f'lost = ["{lost}"]\nrerun = ["doubling"]\nname = "f"\nfunction = "{function}"\n'
    toml.write_text(f"{toml.read_text()}\n[carried_forward]\n{rule}")

    assert f"{toml}: [carried_forward] names {unknown}, which there is not\n" in refusal(toy)
