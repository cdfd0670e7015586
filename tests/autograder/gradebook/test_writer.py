"""The gradebook, read back through nbgrader itself."""

from __future__ import annotations

import csv
import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.errors import AuthorError, OperatorError
from autograder.gradebook.frozen import refuse_frozen_changes
from autograder.gradebook.writer import GradebookWriter
from autograder.grading.regrade import Change
from autograder.report import Report
from autograder.spec import Course, CourseSpec, Exercise
from tests.autograder.gradebook.made import (
    SECRETS,
    SPEC,
    api,
    exercise,
    grade_by_hand,
    grades,
    report,
    write,
)

# ---- scores -------------------------------------------------------------------------------------


def test_scores_arrive_as_automatic_scores_of_one_grade_cell_per_exercise(database: Path) -> None:
    write(database, report("ada", area=5, edges=4), report("李雷", area=0, edges=1))

    assert {name: g["auto_score"] for name, g in grades(database, "ada").items()} == {
        "area": 5,
        "edges": 4,
    }
    assert grades(database, "李雷")["area"] == {
        **grades(database, "李雷")["area"],
        "auto_score": 0,
        "manual_score": None,
        "max_score": 6,
        "needs_manual_grade": False,
        "cell_type": "code",
    }
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_assignment("shapes").course_id == "course"
        assert gradebook.find_assignment("shapes").max_score == 10
        assert gradebook.find_submission("shapes", "ada").score == 9


def test_what_our_side_broke_is_no_score_and_flagged_and_not_a_zero(database: Path) -> None:
    write(database, report("ada", area=None, edges=4))

    assert grades(database, "ada")["area"]["auto_score"] is None
    assert grades(database, "ada")["area"]["needs_manual_grade"] is True
    assert grades(database, "ada")["edges"]["needs_manual_grade"] is False


def test_an_exercise_the_report_does_not_name_is_flagged_and_not_a_zero(database: Path) -> None:
    whole = report("ada")

    write(database, msgspec.structs.replace(whole, exercises=whole.exercises[:1]))

    assert grades(database, "ada")["edges"]["auto_score"] is None
    assert grades(database, "ada")["edges"]["needs_manual_grade"] is True


def test_a_score_overwrites_none_and_clears_its_flag(database: Path) -> None:
    write(database, report("ada", area=None))
    write(database, report("ada", area=6))

    assert grades(database, "ada")["area"]["auto_score"] == 6
    assert grades(database, "ada")["area"]["needs_manual_grade"] is False


def test_one_batch_may_hold_a_student_twice_and_the_last_report_counts(database: Path) -> None:
    write(database, report("ada", area=1), report("ada", area=2))

    assert grades(database, "ada")["area"]["auto_score"] == 2


def test_a_student_without_a_readable_file_has_zeros_and_no_timestamp(database: Path) -> None:
    write(database, report("ada", area=0, edges=0, submitted_at=None))

    assert grades(database, "ada")["area"]["auto_score"] == 0
    assert grades(database, "ada")["area"]["needs_manual_grade"] is False
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_submission("shapes", "ada").timestamp is None


def test_the_timestamp_is_stored_in_utc_without_a_zone_and_follows_a_resubmission(
    database: Path,
) -> None:
    write(database, report("ada", submitted_at="2026-10-01T20:00:00.25+08:00"))
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        first = gradebook.find_submission("shapes", "ada").timestamp

    write(database, report("ada", submitted_at="2026-10-02T09:00:00Z"))
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        second = gradebook.find_submission("shapes", "ada").timestamp

    assert first == datetime.datetime(2026, 10, 1, 12, 0, 0, 250000)
    assert second == datetime.datetime(2026, 10, 2, 9, 0)


def test_the_late_penalty_is_the_reports(database: Path) -> None:
    write(database, report("ada", late_penalty=2.5))

    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_submission("shapes", "ada").late_submission_penalty == 2.5


# ---- scores that may not fall ------------------------------------------------------------------

LATER = "2026-10-03T00:00:00Z"
LOWER = report("ada", area=2)


@pytest.mark.parametrize(
    ("again", "options", "area"),
    [
        (LOWER, {}, 5),
        (LOWER, {"allow_lower": True}, 2),
        (LOWER, {"resubmitted": {"ada": False}}, 5),
        (LOWER, {"resubmitted": {"ada": True}}, 2),
        (LOWER, {"resubmitted": {"bob": True}}, 5),
        (report("ada", area=2, submitted_at=LATER), {}, 2),
        (report("ada", area=2, submitted_at=LATER), {"resubmitted": {"ada": False}}, 5),
        (report("ada", area=2, submitted_at=None), {}, 5),
        (report("ada", area=6, edges=2), {}, 5),
        (report("ada", area=None), {"allow_lower": True}, 5),
        (report("ada", area=None), {"resubmitted": {"ada": True}}, None),
        (report("ada", area=6), {}, 6),
    ],
    ids=[
        "lower", "lower allowed", "known same file", "known other file", "another's other file",
        "other time", "other time of the same file", "no time", "lower in all", "no score",
        "no score for another file", "higher",
    ],
)  # fmt: skip
def test_the_higher_total_of_the_same_file_stays(
    database: Path, again: Report, options: dict[str, object], area: int | None
) -> None:
    write(database, report("ada", area=5), report("bob"))

    write(database, again, **options)

    assert grades(database, "ada")["area"]["auto_score"] == area


def test_what_stays_stays_whole_with_its_comment_and_the_newest_late_penalty(
    database: Path, notebook: Path
) -> None:
    write(database, report("ada", area=5, edges=3), notebook=notebook)
    before = grades(database, "ada")

    write(database, report("ada", area=2, edges=4, late_penalty=1), notebook=notebook)

    assert grades(database, "ada") == before
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        submitted = gradebook.find_submission_notebook("shapes", "shapes", "ada")
        assert submitted.late_submission_penalty == 1
        comments = [comment.auto_comment for comment in submitted.comments]
    assert any("5 of 6 points" in comment for comment in comments)


def test_who_changes_is_told_before_anything_is_written(database: Path) -> None:
    write(database, report("ada", area=5), report("bob", area=5), report("eve", area=None))
    told: list[Change] = []

    def tell(changes: object) -> None:
        told.extend(changes)  # type: ignore[call-overload]
        assert grades(database, "ada")["area"]["auto_score"] == 5

    write(
        database,
        report("ada", area=6), report("bob", area=2), report("eve"), report("new"),
        changes=tell,
    )  # fmt: skip

    assert told == [
        Change("ada", 9, 10),
        Change("bob", 9, 6, kept=True, in_gradebook=True),
        Change("eve", None, 10),
    ]
    assert grades(database, "ada")["area"]["auto_score"] == 6


# ---- what people gave ---------------------------------------------------------------------------


def test_a_manual_grade_extra_credit_and_comment_survive_a_regrade(
    database: Path, notebook: Path
) -> None:
    write(database, report("ada", area=1), notebook=notebook)
    grade_by_hand(database, "ada", manual_score=3.0, extra_credit=1.0)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        comment = gradebook.find_comment("area-code", "shapes", "shapes", "ada")
        comment.manual_comment = "well argued"
        gradebook.db.commit()

    write(database, report("ada", area=5), notebook=notebook)

    after = grades(database, "ada")["area"]
    assert (after["auto_score"], after["manual_score"], after["extra_credit"]) == (5, 3, 1)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_submission("shapes", "ada").score == 3 + 1 + 4
        comment = gradebook.find_comment("area-code", "shapes", "shapes", "ada")
        assert comment.comment == "well argued"


@pytest.mark.parametrize(
    ("again", "is_flagged"),
    [
        (report("ada", area=1), False),
        (report("ada", area=2), True),
        (report("ada", area=0), False),
        (report("ada", area=None), False),
        (report("ada", area=1, submitted_at="2026-10-03T00:00:00Z"), True),
    ],
    ids=["nothing-changed", "other-score", "lower-and-kept", "our-side-broke", "other-file"],
)
def test_a_manual_grade_is_flagged_for_review_only_when_what_was_graded_changed(
    database: Path, again: Report, is_flagged: bool
) -> None:
    write(database, report("ada", area=1))
    grade_by_hand(database, "ada", manual_score=3.0)

    write(database, again)

    assert grades(database, "ada")["area"]["needs_manual_grade"] is is_flagged
    assert grades(database, "ada")["area"]["manual_score"] == 3


# ---- comments, and what must not get in ---------------------------------------------------------


def test_the_solution_cell_above_a_grade_cell_holds_titles_and_hints_as_its_comment(
    database: Path, notebook: Path
) -> None:
    write(database, report("ada", area=1, edges=4), notebook=notebook)

    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        of = {
            c.name: c.auto_comment
            for c in gradebook.find_submission_notebook("shapes", "shapes", "ada").comments
        }
    assert of == {
        "area-code": "**The area**: 1 of 6 points\n\n- area of a square — Which side did you take?",
        "edges-code": "**The edges**: 4 of 4 points",
    }


def test_no_hidden_name_message_or_detail_is_anywhere_in_the_database_file(
    database: Path, notebook: Path
) -> None:
    write(database, report("ada", area=1), report("bob", area=None), notebook=notebook)

    content = database.read_bytes()
    assert b"Which side did you take?" in content
    assert [secret for secret in SECRETS if secret.encode() in content] == []


# ---- nbgrader's own commands --------------------------------------------------------------------


def test_nbgrader_export_lists_the_same_scores_although_the_folder_above_is_a_course_too(
    tmp_path: Path, empty_gradebook: Path
) -> None:
    course = tmp_path / "build" / "example"
    course.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("raise RuntimeError('the folder above was read')")
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\n"
    )
    database = Path(shutil.copy(empty_gradebook, course / "gradebook.db"))
    write(database, report("ada", area=5, late_penalty=2), report("bob", None, 1))
    home = str(tmp_path / "home")
    isolated = dict.fromkeys(
        ["HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"],
        home,
    )

    subprocess.run(
        [sys.executable, "-P", "-m", "nbgrader", "export", "--to", "grades.csv"],
        cwd=course,
        env={**os.environ, **isolated},
        check=True,
        capture_output=True,
        timeout=60,
    )

    with (course / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    columns = ("raw_score", "late_submission_penalty", "score", "max_score")
    assert {name: [float(row[column]) for column in columns] for name, row in rows.items()} == {
        "ada": [9, 2, 7, 10],
        "bob": [1, 0, 1, 10],
    }
    assert rows["ada"]["timestamp"] == "2026-10-01 12:00:00"


def test_nbgrader_finds_the_cells_unchanged_when_it_generates_after_grading(
    database: Path, notebook: Path
) -> None:
    import nbformat
    from nbgrader.preprocessors import SaveCells

    write(database, report("ada"), notebook=notebook)
    source = nbformat.read(notebook, as_version=4)
    where = {"notebook": "shapes", "assignment": "shapes", "db_url": f"sqlite:///{database}"}

    SaveCells().preprocess(source, {"nbgrader": where})  # raises when the cells differ

    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        cell = gradebook.find_source_cell("area", "shapes", "shapes")
        assert (cell.source, cell.locked, cell.checksum) == ("pass\npass", True, "c")
    assert grades(database, "ada")["area"]["auto_score"] == 6


# ---- an assignment that changes -----------------------------------------------------------------


OTHER_EXERCISES = {
    "missing": (SPEC.exercises[:1], "edges: is missing"),
    "new": ((*SPEC.exercises, Exercise("corners", "The corners", 2)), "corners: is new"),
    "other points": (
        (Exercise("area", "The area", 8), SPEC.exercises[1]),
        "area: has 8 points, was graded with 6",
    ),
}


@pytest.mark.parametrize("name", OTHER_EXERCISES)
def test_other_exercises_are_taken_before_and_refused_after_the_first_grade(
    database: Path, name: str
) -> None:
    exercises, difference = OTHER_EXERCISES[name]
    other = msgspec.structs.replace(SPEC, exercises=exercises)
    write(database)
    write(database, spec=other)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_assignment("shapes").max_score == other.points
    write(database)
    write(database, report("ada"))
    before = database.read_bytes()

    with pytest.raises(AuthorError, match=rf"(?s)gradebook.db .*\n    {difference}\n  fix: put"):
        write(database, spec=other)

    assert database.read_bytes() == before
    assert set(grades(database, "ada")) == {"area", "edges"}


def test_exercises_in_another_order_and_with_other_titles_are_the_same(database: Path) -> None:
    write(database, report("ada"))
    again = tuple(Exercise(e.name, "Another title", e.points) for e in reversed(SPEC.exercises))

    write(database, report("ada"), spec=msgspec.structs.replace(SPEC, exercises=again))

    assert grades(database, "ada")["area"]["auto_score"] == 6


def test_a_release_of_other_exercises_is_refused_by_the_courses_own_gradebook_alone(
    database: Path, tmp_path: Path
) -> None:
    (tmp_path / "solutions" / "shapes").mkdir(parents=True)
    toml = tmp_path / "solutions" / "shapes" / "assignment.toml"
    toml.write_text('title = "T"\n[[exercises]]\nname = "area"\ntitle = "A"\npoints = 6\n')
    course = Course(tmp_path, CourseSpec("course"))
    write(database, report("ada"))

    with pytest.raises(AuthorError, match=r"(?s)gradebook.db .*edges: is missing.*fix: put"):
        refuse_frozen_changes(course, "shapes", tmp_path)
    refuse_frozen_changes(course, "shapes", tmp_path / "elsewhere")


def test_a_report_of_other_exercises_is_refused_and_its_neighbours_are_not_half_written(
    database: Path,
) -> None:
    old = msgspec.structs.replace(report("bob"), exercises=(exercise("volume", 1, 1),))

    with pytest.raises(OperatorError, match=r"(?s)report of bob .*fix: autograder grade .*--force"):
        write(database, report("ada"), old)

    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.students == []


def test_a_batch_that_breaks_off_leaves_the_grades_from_before(database: Path) -> None:
    write(database, report("ada", area=1))

    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        with pytest.raises(ValueError, match="yesterday"):
            writer.write([report("ada", area=6), report("bob", submitted_at="yesterday")])
        writer.write([])

    assert grades(database, "ada")["area"]["auto_score"] == 1


def test_a_release_with_other_points_than_the_spec_is_refused(
    database: Path, notebook: Path
) -> None:
    shorter = msgspec.structs.replace(SPEC, exercises=SPEC.exercises[:1])

    with pytest.raises(OperatorError, match=r"(?s)shapes\.ipynb are not the exer.*fix: make rel"):
        write(database, spec=shorter, notebook=notebook)


def test_a_broken_release_is_refused_with_its_path(database: Path, notebook: Path) -> None:
    notebook.write_text("{")

    with pytest.raises(OperatorError, match=r"(?s)shapes\.ipynb: .*fix: make release"):
        write(database, notebook=notebook)
