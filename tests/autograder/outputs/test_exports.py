"""Each export by itself: its form, its numbers, and what of a hostile name is left of it."""

from __future__ import annotations

import base64
import datetime
import re
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest

from autograder.errors import OperatorError
from autograder.outputs.exports import lms_csv
from autograder.outputs.exports.classroom50 import classroom50, whole_points
from autograder.outputs.exports.folder import write_export
from autograder.outputs.exports.github_classroom import github_classroom
from autograder.outputs.exports.gradescope import gradescope
from autograder.outputs.exports.junit import junit
from autograder.outputs.exports.model import Export, in_points, points_text
from autograder.outputs.exports.summary import class_summary, summary
from autograder.report import Outcome
from tests.autograder.outputs.made_exports import (
    HOSTILE,
    check,
    decoded,
    exercise,
    reported,
    student,
    validate,
)

GRADED_AT = datetime.datetime(2026, 10, 3, 9, 30, tzinfo=datetime.UTC)
CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Two parts (77),Essay (78),Final Score
    Points Possible,,,,,10.0,5.0,(read only)
"Lovelace, Ada",11,u11,ada,"One, two",,4.5,90
"=Boole, Bo",12,u12,bo@example.org,A,3,,80
"Unknown, Una",13,u13,una,A,,5,70
"Student, Test",,,,,,,
"""


def fifty(*students, slug="shapes"):
    return classroom50(students, "c1", slug, GRADED_AT)


def roster(text=CANVAS):
    return lms_csv.read_platform_csv("canvas.csv", text.encode())


# --- Classroom 50 -------------------------------------------------------------------------------


def test_a_result_of_classroom_50_is_of_its_schema_and_has_links_into_the_repository():
    result = decoded(fifty(student()), "ada/result.json")

    validate(result, "classroom50-result-v1")
    assert (result["owner"], result["classroom"], result["score"]) == ("ada", "c1", 10)
    assert result["release"] == (
        "https://github.com/org/c1-shapes-ada/releases/tag/submit%2F20261001T120000Z-0000000"
    )


def test_the_moment_of_submission_does_not_move_and_that_of_grading_does():
    first = decoded(fifty(student()), "ada/result.json")
    later = decoded(
        classroom50((student(),), "c1", "shapes", GRADED_AT + datetime.timedelta(days=1)),
        "ada/result.json",
    )

    assert first["datetime"] == later["datetime"] == "2026-10-01T12:00:00Z"
    assert (first["graded_at"], later["graded_at"]) == (
        "2026-10-03T09:30:00Z",
        "2026-10-04T09:30:00Z",
    )


@pytest.mark.parametrize(
    ("score", "whole"), [(0.49, 0), (0.5, 1), (8.5, 9), (9.49, 9), (9.999, 10), (12.5, 10)]
)
def test_points_are_rounded_half_up_and_held_to_the_maximum(score, whole):
    assert whole_points(score, 10) == whole


def test_what_rounding_does_is_told():
    made = fifty(student(score=8.5))

    assert decoded(made, "ada/result.json")["score"] == 9
    assert "ada: 8.5 is written as 9" in made.notes[0] and not made.needed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": None}, "username is not known"),
        ({"repository": None}, "repository is not known"),
        ({"repository": "org/c1-shapes-bo"}, "is not the repository of c1, shapes"),
        ({"commit": "main"}, "commit is not known"),
        ({"tag": "v1"}, "tag submit/… is not known"),
        ({"submitted_at": None}, "when it was submitted is not known"),
    ],
)
def test_who_is_not_known_in_the_classroom_is_listed_and_has_no_file(changed, said):
    made = fifty(student(**changed))

    assert made.files == {}
    assert said in made.needed[0] and "fix: autograder collect" in made.needed[0]


def test_an_exercise_that_was_graded_by_hand_is_one_test_that_says_so():
    parts = (exercise(score=4.5, differs=True), exercise("edges", 4, 4, checks=(check(),)))

    result = decoded(fifty(student(score=8.5, parts=parts)), "ada/result.json")

    validate(result, "classroom50-result-v1")
    by_hand, passed = result["tests"]
    assert "graded by hand" in by_hand["test-name"] and not by_hand["passed"]
    assert (by_hand["score"], by_hand["max-score"]) == (5, 6)
    assert (passed["test-name"], passed["passed"]) == ("The edges: One", True)


# --- The old GitHub Classroom -------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 4, 6, 25, 30, 100])
def test_table_and_annotation_of_the_old_reporter_show_the_same_whole_points(most):
    for score in range(most + 1):
        one = student(
            score=score + 4, parts=(exercise(score=score, most=most), exercise("edges", 4, 4)),
            max_score=most + 4,
        )  # fmt: skip

        results = decoded(github_classroom((one,)), "ada/results.json")

        assert reported(results) == (score + 4, most + 4, score + 4, most + 4)


def test_both_show_the_final_grade_of_every_cent_with_the_maximum_beside_it():
    for cents in range(0, 1001, 7):
        one = student(score=in_points(cents / 100), late_penalty=1.0)

        table, table_most, annotation, most = reported(
            decoded(github_classroom((one,)), "ada/results.json")
        )

        assert table == annotation == in_points(cents / 100)
        assert round(table_most, 9) == round(most, 9) == 10


def test_an_exercise_is_as_many_equal_tests_as_it_takes():
    parts = (exercise(score=15, most=25), exercise("edges", 4, 4))
    results = decoded(
        github_classroom((student(score=19, parts=parts, max_score=29),)), "ada/results.json"
    )

    result = msgspec.json.decode(base64.b64decode(results["env"]["AREA_RESULTS"]))

    assert results["runners"] == "area,edges"
    assert [test["score"] for test in result["tests"]] == [5, 5, 5, 0, 0]
    assert result["tests"][3]["name"] == "The area (4 / 5)"


def test_points_beyond_the_maximum_are_told_and_shown_in_both_places():
    made = github_classroom((student(score=12.5),))

    assert reported(decoded(made, "ada/results.json")) == (12.5, 12.5, 12.5, 12.5)
    assert "12.5 of 10" in made.notes[0]


def test_no_points_at_all_are_zero_and_not_nothing():
    zero = (exercise(score=0), exercise("edges", 0, 4))

    results = decoded(github_classroom((student(score=0, parts=zero),)), "ada/results.json")

    assert reported(results) == (0, 10, 0, 10)


def test_a_hostile_title_is_no_line_of_the_reporters_log():
    parts = (exercise(title=HOSTILE), exercise("edges", 4, 4, title=HOSTILE))

    results = decoded(github_classroom((student(parts=parts),)), "ada/results.json")

    assert reported(results)[0] == 10  # which also holds each name against the schema
    names = [
        test["name"]
        for raw in results["env"].values()
        for test in msgspec.json.decode(base64.b64decode(raw))["tests"]
    ]
    assert all("forged" in name and "##[" not in name for name in names)


# --- Gradescope ---------------------------------------------------------------------------------


def test_gradescope_gets_the_score_and_what_the_student_may_see_of_each_check():
    failed = check("Two", 0, 4, hidden=True, message="wrong", hint="look again")
    parts = (exercise(score=2, checks=(check(), failed)), exercise("edges", 4, 4))

    result = decoded(gradescope((student(score=6, parts=parts),)), "ada/results.json")

    validate(result, "gradescope-results")
    assert result["score"] == 6
    one, two, edges = result["tests"]
    assert (one["status"], one["output"]) == ("passed", "")
    assert (two["name"], two["status"], two["score"]) == ("The area: Two", "failed", 0)
    assert two["output"] == "wrong\nlook again"
    assert edges["score"] == 4


def test_gradescope_gets_no_zero_for_an_exercise_that_came_after_the_submission():
    parts = (exercise(score=2, most=2), exercise("later", None, 4))

    result = decoded(gradescope((student(score=2, parts=parts),)), "ada/results.json")

    validate(result, "gradescope-results")
    assert result["score"] == 2
    _area, later = result["tests"]
    assert "score" not in later and "status" not in later and "not graded yet" in later["output"]


def test_gradescope_gets_no_zero_for_a_check_that_broke():
    parts = (exercise(score=2, most=4, checks=(check(), check("Two", None, 2))),)

    result = decoded(gradescope((student(score=2, parts=parts),)), "ada/results.json")

    validate(result, "gradescope-results")
    _one, broke = result["tests"]
    assert "score" not in broke and "status" not in broke


def test_who_is_not_scored_has_a_file_without_any_score():
    made = gradescope((student(score=None), student("bo", None, status="missing")))

    result = decoded(made, "ada/results.json")

    validate(result, "gradescope-results")
    assert made.files.keys() == {"ada/results.json"}
    assert "score" not in result and result["tests"] == [] and "no zero" in result["output"]
    assert "ada: not scored" in made.needed[0] and "bo: handed nothing in" in made.notes[0]


def test_the_schema_takes_no_zero_for_who_is_not_scored():
    result = decoded(gradescope((student(score=None),)), "ada/results.json")
    forged = {**result, "tests": decoded(gradescope((student(),)), "ada/results.json")["tests"]}

    with pytest.raises(jsonschema.ValidationError):
        validate(forged, "gradescope-results")


def test_what_being_late_costs_is_said():
    result = decoded(gradescope((student(score=7.5, late_penalty=2.5),)), "ada/results.json")

    assert result["score"] == 7.5 and "2.5 points are taken off" in result["output"]


# --- Canvas and Moodle --------------------------------------------------------------------------


def test_canvas_gets_its_own_file_with_one_column_filled_in():
    made = lms_csv.canvas((student(score=9.5), student("bo", 7, email="Bo@example.org")),
                          roster(), None)  # fmt: skip

    after = made.files["grades.csv"].decode()

    expected = CANVAS.replace('two",,4.5', 'two",9.5,4.5').replace("A,3,,80", "A,7,,80")
    assert after.replace("\r\n", "\n") == expected.replace('"=Boole, Bo"', '"=Boole, Bo"')
    assert not made.needed and "1 row of" in made.notes[0]


def test_who_is_in_no_row_of_canvas_is_listed_with_the_points():
    made = lms_csv.canvas((student("zoe", 4.5),), roster(), None)

    assert "zoe: no row of" in made.needed[0] and "4.5 points" in made.needed[0]


def test_two_rows_that_may_be_a_students_are_not_filled_in():
    text = CANVAS.replace("una", "ADA")

    made = lms_csv.canvas((student(),), roster(text), None)

    assert "ada: it cannot be told which row" in made.needed[0]
    assert made.files["grades.csv"].decode().replace("\r\n", "\n") == text


def test_a_row_that_may_be_two_students_is_filled_in_for_neither():
    made = lms_csv.canvas((student(), student("bo", 7, email="ada")), roster(), None)

    assert [line.partition(":")[0] for line in made.needed] == ["ada", "bo"]
    assert made.files["grades.csv"].decode().replace("\r\n", "\n") == CANVAS


def test_who_is_not_scored_keeps_the_cell_that_canvas_has():
    made = lms_csv.canvas((student(score=None),), roster(), None)

    assert made.files["grades.csv"].decode().replace("\r\n", "\n") == CANVAS
    assert "ada: not scored" in made.needed[0]


def test_another_maximum_in_canvas_is_told():
    made = lms_csv.canvas((student(),), roster(CANVAS.replace("10.0", "20.0")), None)

    assert "20 points possible" in made.notes[0]


@pytest.mark.parametrize("column", ["Essay", "essay (78)", "Essay (78)"])
def test_the_column_can_be_named_with_or_without_its_number(column):
    made = lms_csv.canvas((student(),), roster(), column)

    assert b'two",,10,90' in made.files["grades.csv"].replace(b"4.5", b"")


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "Student,ID\nada,1,2,3\n", "ID,ID\n1,2\n", "Student,Two parts\nada,\n"],
)
def test_a_file_that_is_no_export_of_canvas_is_told(text):
    with pytest.raises(OperatorError, match="fix: the CSV file as the platform exported"):
        lms_csv.canvas((student(),), roster(text), None)


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(OperatorError, match="0 columns are called Poem\n  fix: --column, one of "):
        lms_csv.canvas((student(),), roster(), "Poem")


def test_moodle_gets_names_addresses_and_grades():
    made = lms_csv.moodle(
        (student(score=9.5, email="ada@example.org"), student("bo", None)), None, None
    )

    assert made.files["grades.csv"].decode().splitlines() == [
        '"ID number","Email address","Two parts"',
        '"ada","ada@example.org","9.5"',
    ]
    assert "bo: not scored" in made.needed[0]


def test_a_name_that_is_a_formula_is_none_in_the_file_and_is_told():
    made = lms_csv.moodle((student("=1+1"),), None, None)

    assert b'"\'=1+1"' in made.files["grades.csv"]
    assert "=1+1" in made.needed[0]


@pytest.mark.parametrize(
    "head", ["First name,Email address", "First name,Email address,Assignment: Two parts (Real)"]
)
def test_a_list_of_moodles_is_filled_in_and_gets_the_column_where_it_has_none(head):
    cells = "Ada,ADA@example.org" + (",-" if "Real" in head else "")
    made = lms_csv.moodle(
        (student(email="ada@example.org"),),
        lms_csv.read_platform_csv("m.csv", f"{head}\n{cells}\n".encode()),
        None,
    )

    assert made.files["grades.csv"].splitlines()[1] == b"Ada,ADA@example.org,10"


# --- JUnit XML and the summary ------------------------------------------------------------------


def test_junit_counts_what_failed_broke_and_was_not_graded():
    checks = (
        check(), check("Two", 0, 2, message="wrong", hint="hint"), check("Three", None, 2)
    )  # fmt: skip
    parts = (exercise(score=None, checks=checks), exercise("edges", None, 4))

    data = junit((student(score=None, parts=parts), student("bo", None, status="missing"))).files

    root = ElementTree.fromstring(data["junit.xml"])
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    failure = root.find("testsuite[@name='ada']/testcase/failure")
    assert failure is not None and failure.text == "wrong\nhint"


def test_junit_has_points_as_properties():
    root = ElementTree.fromstring(junit((student(score=9.5, late_penalty=0.5),)).files["junit.xml"])

    found = {one.get("name"): one.get("value") for one in root.iter("property")}

    assert found["score"] == "9.5" and found["late_penalty"] == "0.5"
    assert found["score.area"] == "6" and found["max_score"] == "10"


def test_text_that_xml_cannot_hold_is_spelled_out():
    hostile = check(HOSTILE, 0, 6, message=HOSTILE, hint=HOSTILE)
    one = student(HOSTILE, 4, (exercise(score=0, checks=(hostile,)), exercise("edges", 4, 4)))

    root = ElementTree.fromstring(junit((one,)).files["junit.xml"])

    texts = "".join(
        text for node in root.iter() for text in (node.text or "", *node.attrib.values())
    )
    assert "forged" in texts and not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff\u202e]", texts)


def test_the_summary_has_who_needs_a_person_first_and_no_zero_for_them():
    text = summary((student(score=9.5, late_penalty=0.5), student("bo", None),)).files[
        "summary.md"
    ].decode()  # fmt: skip

    rows = [line for line in text.splitlines() if line.startswith(("| !", "| ✓"))]
    assert rows == ["| ! | bo | 6 | 4 |  |  |", "| ✓ | ada | 6 | 4 | −0.5 | 9.5 / 10 |"]


def test_a_hostile_name_is_text_in_the_summary():
    text = class_summary((student(HOSTILE),), 10_000)

    [row] = [line for line in text.splitlines() if "forged" in line]
    assert row.count(" | ") == 5 and "<b>" not in row.replace("\\<", "") and "@" not in row


def test_a_summary_that_would_be_too_long_says_how_many_are_left_out():
    text = class_summary(tuple(student(f"s{number:03}") for number in range(500)), 4000)

    shown = text.count("| ✓ |")
    assert len(text.encode()) <= 4000 and shown > 20
    assert text.endswith(f"\n{500 - shown} students more\n")


# --- Points and files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "text"), [(100.0, "100"), (85.5, "85.5"), (83.333333, "83.33"), (0.005, "0.01")]
)
def test_points_have_two_decimals_at_the_most(score, text):
    assert points_text(in_points(score)) == text


def test_a_check_that_was_found_wrong_counts_as_passed():
    void = check("Void", 2, 2, outcome=Outcome.FAILED)

    result = decoded(gradescope((student(parts=(exercise(checks=(void,)),)),)), "ada/results.json")

    assert result["tests"][0]["status"] == "passed"


def test_files_are_for_their_owner_and_those_of_an_earlier_export_are_gone(tmp_path):
    write_export(tmp_path / "x", Export(files={"ada/a.json": b"1", "bo/a.json": b"1"}))

    write_export(tmp_path / "x", Export(files={"ada/a.json": b"2"}))

    assert [path.name for path in (tmp_path / "x").iterdir()] == ["ada"]
    assert (tmp_path / "x/ada/a.json").stat().st_mode & 0o777 == 0o600


def test_with_a_students_name_only_that_students_files_are_made_anew(tmp_path):
    write_export(tmp_path / "x", Export(files={"ada/a.json": b"1", "bo/a.json": b"1"}))

    write_export(tmp_path / "x", Export(files={}), only=["ada"])

    assert [path.name for path in (tmp_path / "x").iterdir()] == ["bo"]


@pytest.mark.parametrize("name", ["..", "../../evil", "a\x00b", ".git", "/etc", "a:b"])
def test_a_name_that_leads_elsewhere_is_no_file(tmp_path, name):
    made = write_export(tmp_path / "x" / "y", Export(files={f"{name}/a.json": b"1"}))

    assert made.files == {} and "rename the student's folder" in made.needed[0]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_export_is_not_written_through_a_link(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "target")

    with pytest.raises(OperatorError, match="cannot be written"):
        write_export(tmp_path / "x", Export(files={"a.json": b"1"}))
