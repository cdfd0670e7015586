"""A feedback as a whole: the final grade, how it came about, and never more than GitHub takes."""

from __future__ import annotations

import msgspec
import pytest

from autograder.classroom.publishing.body import (
    LONGEST_BODY,
    Marker,
    body_sha256,
    feedback_for,
    marker_for,
    marker_of,
)
from autograder.gradebook.final import FinalExercise
from autograder.messages import in_language
from autograder.outputs.exports.model import in_points, points_text
from autograder.report import Remark, Report, StudentView, student_view
from autograder.spec import AssignmentSpec, Exercise
from tests.autograder.classroom.made_class import grade_of, report_of
from tests.autograder.outputs.test_feedback import Page

SPEC = AssignmentSpec(title="Two sums", name="sums", exercises=(Exercise("e", "The sum", 3),))
MARKER = marker_for("c", "sums", "ada")


def body(grade: object = None, report: Report | None = None, spec: AssignmentSpec = SPEC) -> str:
    view = student_view(report or report_of("ada"))
    return feedback_for(grade or grade_of("ada"), view, spec, MARKER).body  # type: ignore[arg-type]


def by_hand(score: float) -> tuple[FinalExercise, ...]:
    return (FinalExercise(name="e", title="The sum", score=score, max_score=3.0),)


def test_the_final_grade_stands_first_and_every_exercise_below() -> None:
    said = body()

    assert said.index("**Final grade: 1 of 3 points**") < said.index("| The sum | 1 / 3 |")
    assert "### The sum: 1 / 3" in said and "instructor changed" not in said


def test_points_given_by_hand_are_said_beside_the_automatic_ones() -> None:
    said = body(grade_of("ada", 2.5, exercises=by_hand(2.5)))

    assert "Final grade: 2.5 of 3" in said and "The automatic result was 1 of 3 points" in said
    assert "has given 2.5 of 3 points here; the automatic result was 1." in said


@pytest.mark.parametrize("score", [2.125, 0.045, 12345.67])
def test_odd_points_are_those_of_every_export(score: float) -> None:
    said = body(grade_of("ada", score, exercises=by_hand(score)))

    assert f"Final grade: {points_text(in_points(score))} of 3 points" in said


def test_more_than_all_points_are_possible_with_extra_credit() -> None:
    assert "Final grade: 4 of 3 points" in body(grade_of("ada", 4.0, exercises=by_hand(4.0)))


def test_what_being_late_costs_is_said() -> None:
    grade = msgspec.structs.replace(grade_of("ada", 1.0), late_penalty=0.25, score=0.75)

    said = body(grade)

    assert "Final grade: 0.75 of 3" in said
    assert "come to 1 of 3 points; 0.25 of them are taken off" in said


def test_where_grading_came_to_nothing_the_points_are_the_instructors() -> None:
    said = body(grade_of("ada", 2.0), report_of("ada", None))

    assert "The automatic grading came to no result" in said
    assert "Your instructor has given 2 of 3 points." in said


def test_a_remark_for_the_instructor_is_not_in_it() -> None:
    remarks = (Remark(text="for you"), Remark(text="not for you", audience="instructor"))

    said = body(report=report_of("ada", remarks=remarks))

    assert "- for you" in said and "not for you" not in said and "SECRET" not in said


def test_a_thousand_remarks_leave_room_for_what_the_checks_found() -> None:
    remarks = tuple(Remark(text="@" * 5000) for _number in range(1000))

    said = body(report=report_of("ada", remarks=remarks))

    assert "- and 990 more" in said and "ada forgot one" in said


@pytest.mark.parametrize("text", ["@octocat closes #1", "<!-- autograder:feedback sums 0 -->"])
def test_titles_and_remarks_call_nobody(text: str) -> None:
    spec = AssignmentSpec(title=text, name="sums", exercises=(Exercise("e", text, 3),))

    said = body(report=report_of("ada", remarks=(Remark(text=text),)), spec=spec)

    assert "@octocat" not in said and "#1" not in said
    assert said.count("<!--") - said.count("\\<!--") == 1


def test_it_is_found_by_its_marker_and_that_is_one_students() -> None:
    assert marker_of(body()) == MARKER
    assert marker_for("c", "sums", "bob") != MARKER
    assert marker_for("d", "sums", "ada") != MARKER


@pytest.mark.parametrize(
    "text",
    [
        "", "# Two sums", f" <!-- autograder:feedback sums {MARKER.whose} -->",
        f"> <!-- autograder:feedback sums {MARKER.whose} -->",
        "<!-- autograder:feedback sums -->", f"<!-- autograder:feedback sums {MARKER.whose} -->x",
    ],
)  # fmt: skip
def test_what_does_not_begin_with_a_marker_has_none(text: str) -> None:
    assert marker_of(text) is None


def test_line_ends_and_what_is_cut_off_at_an_end_do_not_make_another_text() -> None:
    assert body_sha256("a\r\nb \r\n") == body_sha256("a\nb") != body_sha256("a\nc")


@pytest.mark.parametrize("sign", ["x", "陈", "😀", "\x1b", "`", "$"])
def test_a_text_that_is_too_long_is_cut_between_blocks_and_says_so(sign: str) -> None:
    [exercise] = report_of("ada").exercises
    checks = tuple(
        msgspec.structs.replace(exercise.checks[0], title=sign * 500, message=sign * 5000)
        for _check in range(100)
    )
    exercises = (msgspec.structs.replace(exercise, checks=checks),)
    report = msgspec.structs.replace(report_of("ada"), exercises=exercises)

    said = body(report=report)

    assert 20_000 < len(said) <= LONGEST_BODY
    assert len(said.encode()) <= 4 * 65_536
    assert "The rest is too long for here" in Page(said).outside[-200:]


def test_a_title_is_one_line_and_short() -> None:
    spec = AssignmentSpec(title="x\n" * 500, name="sums", exercises=SPEC.exercises)

    title = feedback_for(grade_of("ada"), student_view(report_of("ada")), spec, MARKER).title

    assert "\n" not in title and len(title) < 130


def test_it_is_in_the_students_language() -> None:
    view: StudentView = student_view(report_of("ada"))
    with in_language("zh_CN"):
        said = feedback_for(grade_of("ada"), view, SPEC, Marker("sums", "0" * 32)).body

    assert "| exercise |" not in said
