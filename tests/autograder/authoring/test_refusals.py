"""What a release is refused for, and what is no reason to refuse one."""

import re
from pathlib import Path

import pytest

from autograder.authoring.notebook import notebook_bytes, source_notebook
from autograder.authoring.refusals import check_leaks
from autograder.authoring.release import write_release
from autograder.errors import AuthorError, OperatorError
from autograder.spec import Course


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refusal(toy: Course) -> str:
    """What write_release says when it refuses; nothing may have been written."""
    before = {path: path.lstat().st_mtime_ns for path in toy.root.glob("assignments/**/*")}
    with pytest.raises(AuthorError, match="\n  fix: ") as refused:
        write_release(toy, "toy")
    assert before == {path: path.lstat().st_mtime_ns for path in toy.root.glob("assignments/**/*")}
    return str(refused.value)


def test_an_unknown_assignment_is_the_operators_error(toy):
    with pytest.raises(OperatorError, match="no assignment 'tie'"):
        write_release(toy, "tie")


@pytest.mark.parametrize("missing", ["toy.py", "README.md"])
def test_a_missing_source_is_named(toy, missing):
    (toy.source("toy").parent / missing).unlink()

    assert missing in refusal(toy)


@pytest.mark.parametrize(
    "text", ["# canary: 99aa", "0123456789ABCDEF", "# hidden canary: 99aa", "fedcba9876543210"]
)
def test_a_canary_anywhere_in_the_output_is_refused(toy, text):
    readme = toy.source("toy").with_name("README.md")
    readme.write_text(f"# Twice\n\n{text}\n")

    assert "README.md: it would carry the canary" in refusal(toy)


def test_a_canary_outside_of_a_solution_region_is_refused(toy):
    edit(toy.source("toy"), "# The end.", "# canary: 77bb")

    assert "toy.ipynb: it would carry the canary 77bb" in refusal(toy)


@pytest.mark.parametrize("line", ["doubled = x + x", "half_of_everything = lambda x: x / 2"])
def test_a_solution_line_in_the_output_is_refused_with_its_place(toy, line):
    edit(toy.source("toy").with_name("README.md"), "Run", f"Try `{line}`. Run")

    message = refusal(toy)

    source = toy.source("toy").read_text().splitlines()
    number = next(n for n, text in enumerate(source, 1) if line in text)
    assert f"toy.py:{number}:" in message
    assert "README.md" in message


def test_a_line_is_found_behind_the_quotes_and_line_ends_of_the_notebooks_json(toy):
    edit(toy.source("toy"), "# canary: 0123456789abcdef", 'doubled = {"sum": x + x}["sum"]')
    source = source_notebook(toy.source("toy").read_text(), toy.source("toy"))

    with pytest.raises(AuthorError, match=r"also in the released toy.ipynb"):
        check_leaks({"toy.ipynb": notebook_bytes(source)}, source, toy.source("toy"), [], [])


def test_a_solution_line_that_students_are_given_anyway_is_no_leak(toy):
    edit(toy.source("toy"), "# The end.", "# Some write `doubled = x + x` here.")

    assert write_release(toy, "toy")


def test_a_short_solution_line_is_no_leak(toy):
    edit(toy.source("toy"), "return doubled", "return y")
    edit(toy.source("toy").with_name("README.md"), "Run", "The last line is `return y`. Run")

    assert write_release(toy, "toy")


def test_the_name_of_a_hidden_check_in_the_output_is_refused(toy):
    edit(
        toy.visible_checks("toy") / "test_visible.py", "test_two_becomes_four", "test_half_of_nine"
    )

    assert "hidden check test_half_of_nine" in refusal(toy)


def test_a_name_that_only_begins_like_a_hidden_check_is_no_leak(toy):
    edit(
        toy.visible_checks("toy") / "test_visible.py",
        "test_two_becomes_four", "test_half_of_nine_hundred",
    )  # fmt: skip

    assert write_release(toy, "toy")


def test_the_statements_of_a_hidden_check_under_another_name_are_refused(toy):
    hidden = (toy.hidden_checks("toy") / "test_toy.py").read_text()
    (toy.visible_checks("toy") / "test_visible.py").write_text(
        hidden.replace("# hidden canary: fedcba9876543210\n", "")
        .replace("test_minus_seven_becomes_minus_fourteen", "test_one")
        .replace("test_half_of_nine", "test_two")
    )

    assert "test_minus_seven_becomes_minus_fourteen" in refusal(toy)


@pytest.mark.parametrize("points", ["POINTS", "2.5", "True", '"2"'])
def test_a_hidden_check_whose_points_are_no_plain_number_is_refused(toy, points):
    edit(toy.hidden_checks("toy") / "test_toy.py", "points=2", f"points={points}")

    assert re.search(r"test_toy.py:\d+: the check test_minus_seven", refusal(toy))


def test_a_link_in_the_folder_is_refused(toy, tmp_path):
    write_release(toy, "toy")
    (toy.release("toy") / "README.md").unlink()
    (toy.release("toy") / "README.md").symlink_to(toy.source("toy").with_name("README.md"))

    assert "README.md: it is a link" in refusal(toy)


def test_a_link_deep_in_a_folder_of_the_tools_is_refused(toy):
    write_release(toy, "toy")
    (toy.release("toy") / "__pycache__").mkdir()
    (toy.release("toy") / "__pycache__" / "x").symlink_to(toy.source("toy"))

    assert "it is a link" in refusal(toy)


@pytest.mark.parametrize("linked", ["assignments", "assignments/toy"])
def test_a_link_in_the_place_of_the_folder_is_refused(toy, linked):
    (toy.root / "elsewhere").mkdir()
    (toy.root / linked).parent.mkdir(exist_ok=True)
    (toy.root / linked).symlink_to(toy.root / "elsewhere")

    assert f"{linked}: it is a link" in refusal(toy)
    assert list((toy.root / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", ["solution.py", "notes/today.md", "toy_solution.ipynb"])
def test_an_unlisted_file_in_the_folder_is_refused(toy, name):
    (toy.release("toy") / name).parent.mkdir(parents=True)
    (toy.release("toy") / name).write_text("mine\n")

    assert "not on the list" in refusal(toy)


def test_a_grade_cell_that_is_no_exercise_is_refused(toy):
    edit(toy.source("toy"), '"grade_id": "half"', '"grade_id": "third"')

    assert re.search(r"toy.py:\d+: the grade cell 'third' is no exercise", refusal(toy))


def test_a_grade_cell_with_other_points_than_its_exercise_is_refused(toy):
    edit(toy.source("toy"), '"points": 3', '"points": 4')

    assert "has 4 points, assignment.toml 3" in refusal(toy)


def test_an_exercise_without_a_grade_cell_is_refused(toy):
    edit(
        toy.source("toy"), '"grade": true, "grade_id": "half"', '"grade": false, "grade_id": "half"'
    )

    assert "the exercise 'half' has no grade cell" in refusal(toy)


def test_a_grade_cell_that_stands_twice_is_refused(toy):
    edit(toy.source("toy"), '"grade_id": "half"', '"grade_id": "double-exact"')

    assert "two cells have the grade_id 'double-exact'" in refusal(toy)


def test_a_grade_cell_that_runs_other_checks_than_its_own_is_refused(toy):
    edit(toy.source("toy"), 'check("half")', 'check("double-exact")')

    assert "'half' does not run the checks of its exercise" in refusal(toy)


def test_a_stub_that_is_still_the_solution_is_refused(toy):
    edit(
        toy.source("toy"),
        '    """Twice ``x``."""\n    ### BEGIN SOLUTION\n    # canary: 0123456789abcdef\n',
        '    """Twice ``x``.\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n    """\n',
    )
    edit(toy.source("toy"), "    return doubled\n    ### END SOLUTION\n", "    return doubled\n")

    assert "the cell 'double' is no stub" in refusal(toy)


def test_a_stub_that_is_not_python_is_refused(toy):
    edit(toy.source("toy"), "    return doubled\n", "    doubled = (\n")
    edit(toy.source("toy"), "    ### END SOLUTION\n", "    ### END SOLUTION\n    )\n")

    assert "the cell 'double' is no stub" in refusal(toy)


def test_a_solution_region_in_a_cell_that_is_no_solution_cell_is_refused(toy):
    edit(
        toy.source("toy"),
        "from autograder.student import check",
        "### BEGIN SOLUTION\nsecret = 12345678\n### END SOLUTION",
    )

    assert "nbgrader refuses the notebook: Solution region detected" in refusal(toy)


def test_a_solution_region_that_does_not_end_is_refused(toy):
    edit(toy.source("toy"), "    ### END SOLUTION\n", "")

    assert "nbgrader refuses the notebook: no end solution" in refusal(toy)


def test_cell_metadata_that_is_no_json_is_refused(toy):
    edit(toy.source("toy"), '"task": false}\ncheck("half")', '"task": false\ncheck("half")')

    assert "metadata is no JSON" in refusal(toy)
