"""Final grades as the gradebook has them: what counts, and where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy

from autograder.errors import OperatorError
from autograder.gradebook.final import FinalGrade, final_grades
from tests.autograder.gradebook.made import SPEC, api, grade_by_hand, report, write


def final(database: Path, student: str = "ada") -> FinalGrade:
    [grade] = final_grades(f"sqlite:///{database}", SPEC, [student])
    return grade


def set_grade(database: Path, exercise: str, student: str, **fields: object) -> None:
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        grade = gradebook.find_grade(exercise, "shapes", "shapes", student)
        for name, value in fields.items():
            setattr(grade, name, value)
        gradebook.db.commit()


def test_the_checks_points_count_in_the_assignments_order(database):
    write(database, report("ada", 5, 4))

    grade = final(database)

    assert (grade.status, grade.score, grade.max_score) == ("graded", 9, 10)
    assert [(one.name, one.title, one.score, one.max_score) for one in grade.exercises] == [
        ("area", "The area", 5, 6),
        ("edges", "The edges", 4, 4),
    ]


def test_a_score_given_by_hand_counts_instead_and_extra_credit_on_top(database):
    write(database, report("ada", 6, 4))
    grade_by_hand(database, "ada", manual_score=1.5, extra_credit=0.25)

    grade = final(database)

    assert grade.exercises[0].score == 1.75
    assert (grade.raw_score, grade.score) == (5.75, 5.75)


def test_being_late_costs_and_never_more_than_there_is(database):
    write(database, report("ada", 6, 4, late_penalty=2.5), report("bo", 6, 4, late_penalty=4))
    set_grade(database, "area", "bo", manual_score=0)
    set_grade(database, "edges", "bo", manual_score=1)

    ada, bo = final(database), final(database, "bo")

    assert (ada.raw_score, ada.late_penalty, ada.score) == (10, 2.5, 7.5)
    assert (bo.raw_score, bo.late_penalty, bo.score) == (1, 4, 0)


def test_without_a_score_for_every_exercise_there_is_none(database):
    write(database, report("ada", None, 4))
    set_grade(database, "area", "ada", extra_credit=1.0)

    grade = final(database)

    assert (grade.status, grade.raw_score, grade.score) == ("not scored", None, None)
    assert [one.score for one in grade.exercises] == [None, 4]


def test_what_broke_and_was_graded_by_hand_is_graded(database):
    write(database, report("ada", None, 4))
    grade_by_hand(database, "ada", manual_score=3)

    assert (final(database).status, final(database).score) == ("graded", 7)


def test_who_is_on_the_roster_and_handed_in_nothing_is_missing(database):
    write(database, report("ada"))
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.update_or_create_student("zoe", last_name="Zhou", email="zoe@example.org")

    grade = final(database, "zoe")

    assert (grade.status, grade.score, grade.submitted_at) == ("missing", None, None)
    assert (grade.last_name, grade.email, grade.max_score) == ("Zhou", "zoe@example.org", 10)


def test_an_assignment_without_any_grade_cell_is_not_scored(database):
    import msgspec

    spec = msgspec.structs.replace(SPEC, exercises=())
    nothing = msgspec.structs.replace(report("ada"), exercises=(), score=0, max_score=0)
    write(database, nothing, spec=spec)

    [grade] = final_grades(f"sqlite:///{database}", spec)

    assert (grade.status, grade.score) == ("not scored", None)


def test_everybody_comes_sorted_with_the_time_in_utc(database):
    write(database, report("bo"), report("ada", submitted_at="2026-10-01T20:00:00+08:00"))

    grades = final_grades(f"sqlite:///{database}", SPEC)

    assert [grade.student for grade in grades] == ["ada", "bo"]
    assert grades[0].submitted_at == "2026-10-01T12:00:00+00:00"


def test_binary_fractions_do_not_show(database):
    write(database, report("ada", 0, 0))
    set_grade(database, "area", "ada", extra_credit=0.1)
    set_grade(database, "edges", "ada", extra_credit=0.2)

    assert final(database).score == 0.3


def test_nothing_is_written(database):
    write(database, report("ada"))
    before = database.read_bytes(), sorted(database.parent.iterdir())

    final_grades(f"sqlite:///{database}", SPEC)

    assert (database.read_bytes(), sorted(database.parent.iterdir())) == before


def test_a_larger_class_takes_no_more_queries(database):
    def queries() -> int:
        said: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
        try:
            final_grades(f"sqlite:///{database}", SPEC)
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
        return len(said)

    write(database, report("ada"))
    few = queries()
    write(database, *(report(f"s{number:03}") for number in range(150)))

    assert queries() == few


def test_a_gradebook_that_is_not_there_is_told_and_not_made(tmp_path):
    path = tmp_path / "gradebook.db"

    with pytest.raises(OperatorError, match="there is no gradebook\n  fix: autograder grade"):
        final_grades(f"sqlite:///{path}", SPEC)

    assert not path.exists()


def test_an_assignment_that_was_never_graded_is_told(database):
    with pytest.raises(OperatorError, match="holds nothing of shapes\n  fix: autograder grade"):
        final_grades(f"sqlite:///{database}", SPEC)


def test_a_file_that_is_no_gradebook_of_nbgraders_is_told(tmp_path):
    path = tmp_path / "gradebook.db"
    path.touch()

    with pytest.raises(OperatorError, match="holds nothing of shapes"):
        final_grades(f"sqlite:///{path}", SPEC)


def test_a_student_who_is_not_there_is_told(database):
    write(database, report("ada"))

    with pytest.raises(OperatorError, match="there is no student zoe"):
        final_grades(f"sqlite:///{database}", SPEC, ["zoe"])
