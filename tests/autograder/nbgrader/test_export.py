"""`nbgrader export` by our exporter: the final grade, or why there is none."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

from autograder.nbgrader.export import FinalGrades
from tests.autograder.gradebook.made import api, grade_by_hand, report, write


def exported(database: Path, **options: object) -> dict[str, dict[str, str]]:
    target = database.parent / "grades.csv"
    exporter = FinalGrades()
    exporter.to = str(target)
    for name, value in options.items():
        setattr(exporter, name, value)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        exporter.export(gradebook)
    with target.open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def add_student(database: Path, student: str, **facts: str) -> None:
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.update_or_create_student(student, **facts)


def test_the_score_is_what_the_checks_gave(database):
    write(database, report("ada", 5, 4))

    row = exported(database)["ada"]

    assert (row["score"], row["max_score"], row["status"]) == ("9.0", "10.0", "graded")


def test_a_manual_score_stands_in_the_place_of_the_checks_and_extra_credit_is_added(database):
    write(database, report("ada", 6, 4))
    grade_by_hand(database, "ada", manual_score=1.5, extra_credit=0.25)

    assert exported(database)["ada"]["score"] == "5.75"


def test_what_being_late_costs_is_taken_off_and_never_more_than_there_is(database):
    write(database, report("ada", 6, 4, late_penalty=2.5), report("bo", 6, 4, late_penalty=4))
    grade_by_hand(database, "bo", manual_score=0)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.find_grade("edges", "shapes", "shapes", "bo").manual_score = 0
        gradebook.db.commit()

    rows = exported(database)

    assert (rows["ada"]["raw_score"], rows["ada"]["late_submission_penalty"]) == ("10.0", "2.5")
    assert rows["ada"]["score"] == "7.5"
    assert rows["bo"]["score"] == "0.0"


def test_what_has_no_score_is_blank_and_says_so(database):
    write(database, report("ada", None, 4))

    row = exported(database)["ada"]

    assert (row["raw_score"], row["score"], row["status"]) == ("", "", "not scored")


def test_what_broke_and_was_graded_by_hand_is_graded(database):
    write(database, report("ada", None, 4))
    grade_by_hand(database, "ada", manual_score=3)

    row = exported(database)["ada"]

    assert (row["score"], row["status"]) == ("7.0", "graded")


def test_who_handed_in_nothing_is_missing_and_has_no_zero(database):
    write(database, report("ada"))
    add_student(database, "zoe")

    row = exported(database)["zoe"]

    assert (row["score"], row["timestamp"], row["status"]) == ("", "", "missing")


def test_commas_quotes_and_formulas_in_names_are_text(database):
    write(database, report("ada"))
    add_student(database, "ada", last_name='Lovelace, "Ada"', first_name="=HYPERLINK(1)")

    row = exported(database)["ada"]

    assert row["last_name"] == 'Lovelace, "Ada"'
    assert row["first_name"] == "'=HYPERLINK(1)"


def test_it_can_be_asked_for_some_students_and_assignments(database):
    write(database, report("ada"), report("bo"))

    assert exported(database, student=["bo"]).keys() == {"bo"}
    assert exported(database, assignment=["another"]) == {}


def test_times_are_those_of_the_gradebook(database):
    write(database, report("ada"))
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.update_or_create_assignment("shapes", duedate=datetime.datetime(2026, 10, 1, 16))

    row = exported(database)["ada"]

    assert (row["duedate"], row["timestamp"]) == ("2026-10-01 16:00:00", "2026-10-01 12:00:00")
