from __future__ import annotations

import csv
import json
import sqlite3
import tomllib

import pytest

from autograder.report import Visibility, encode_report, student_view
from tests.autograder.conftest import BIN, ROOT, Graded, Run

EXPECTED = tomllib.loads((ROOT / "examples" / "expected_scores.toml").read_text())


@pytest.mark.parametrize("student", sorted(EXPECTED))
def test_a_made_up_student_earns_what_the_table_says(example_class: Graded, student: str) -> None:
    assert example_class.scores(student) == EXPECTED[student]


def test_the_table_has_every_student_of_the_example_class() -> None:
    folders = {path.name for path in (ROOT / "examples" / "submitted").iterdir()}

    assert folders == set(EXPECTED)


def test_a_class_that_can_be_graded_ends_with_exit_code_0(example_class: Graded) -> None:
    assert example_class.command.returncode == 0, example_class.command.stderr


def test_the_table_on_the_terminal_names_every_student_with_the_score(
    example_class: Graded,
) -> None:
    lines = example_class.command.stdout.splitlines()

    for student, scores in EXPECTED.items():
        row = next(line.split() for line in lines if line.split()[:1] == [student])
        assert row[6] == str(sum(scores.values()))


def test_nothing_errored_on_the_example_class(example_class: Graded) -> None:
    outcomes = {
        check.outcome.value
        for student in EXPECTED
        for exercise in example_class.report(student).exercises
        for check in exercise.checks
    }

    assert outcomes == {"passed", "failed"}


def test_an_endless_loop_is_named_as_what_it_is(example_class: Graded) -> None:
    report = example_class.report("kofi")
    learned = report.exercises[-1]

    assert any("loop that never ends" in check.message for check in learned.checks)
    assert any("time used up" in check.message for check in learned.checks)
    assert any("convolutions.py:" in remark.text for remark in report.remarks)


def test_a_syntax_error_is_told_with_file_and_line(example_class: Graded) -> None:
    remarks = [remark.text for remark in example_class.report("jin").remarks]

    assert any("convolutions.py:" in text and "SyntaxError" in text for text in remarks)


def test_points_carried_forward_are_marked(example_class: Graded) -> None:
    layer = next(e for e in example_class.report("hana").exercises if e.name == "conv2d")

    assert any(check.carried_forward for check in layer.checks)


def test_both_forms_changed_is_remarked(example_class: Graded) -> None:
    remarks = [remark.text for remark in example_class.report("lea").remarks]

    assert any("both" in text and "better" in text for text in remarks)


def test_a_student_sees_no_name_detail_or_place_of_a_hidden_check(example_class: Graded) -> None:
    for student in EXPECTED:
        report = example_class.report(student)
        shown = str(student_view(report))

        for check in (check for exercise in report.exercises for check in exercise.checks):
            if check.visibility is Visibility.HIDDEN:
                assert check.name not in shown
                assert not check.detail or check.detail not in shown
        assert "tests/hidden" not in shown


def test_every_report_fits_the_published_schema(example_class: Graded) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_bytes())

    for student in EXPECTED:
        jsonschema.validate(json.loads(encode_report(example_class.report(student))), schema)


def test_the_gradebook_holds_the_same_scores(example_class: Graded) -> None:
    query = """
        select student.id, base_cell.name, grade.auto_score
        from grade
        join grade_cells on grade.cell_id = grade_cells.id
        join base_cell on base_cell.id = grade_cells.id
        join submitted_notebook on grade.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        join student on submitted_assignment.student_id = student.id
    """
    with sqlite3.connect(example_class.output / "gradebook.db") as database:
        rows = database.execute(query).fetchall()

    found: dict[str, dict[str, float]] = {}
    for student, cell, score in rows:
        found.setdefault(student, {})[cell] = score
    assert found == EXPECTED


def test_nbgrader_export_lists_the_same_scores(example_class: Graded, run: Run) -> None:
    home = str(example_class.output / "home")

    command = run(
        ["nbgrader", "export"],
        cwd=example_class.output,
        HOME=home,
        JUPYTER_CONFIG_DIR=f"{home}/config",
        JUPYTER_DATA_DIR=f"{home}/data",
        PATH=f"{BIN}:/usr/bin:/bin",
    )

    assert command.returncode == 0, command.stderr
    with (example_class.output / "grades.csv").open() as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {s: float(sum(scores.values())) for s, scores in EXPECTED.items()}


def test_a_kernel_that_is_turned_is_called_by_its_name_and_told_in_a_sentence(
    example_class: Graded,
) -> None:
    report = example_class.report("fatima")

    failed = [c for e in report.exercises for c in e.checks if c.outcome.value == "failed"]
    assert failed and {check.misconception for check in failed} == {"flipped-kernel"}
    [told] = student_view(report).misconceptions
    assert "turned by 180 degrees" in told.sentence


def test_no_mistake_is_named_where_none_was_recognised(example_class: Graded) -> None:
    named = {
        student: {one.name for one in example_class.report(student).misconceptions}
        for student in EXPECTED
    }

    assert {student: names for student, names in named.items() if names} == {
        "fatima": {"flipped-kernel"},
        "goran": {"gradient-accumulates"},
    }


def test_the_last_lines_name_the_page_of_the_class_and_it_is_there(example_class: Graded) -> None:
    page = example_class.output / "class" / "index.html"

    assert "build/example/class/index.html" in example_class.command.stdout
    assert f"{len(EXPECTED)} students" in page.read_text()
