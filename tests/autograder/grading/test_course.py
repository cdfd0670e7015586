"""A class as a whole: who is in it, who is not any more, and whose name is misspelt."""

from __future__ import annotations

import shutil

import pytest

from autograder import cli
from autograder.grading.secret import VARIABLE
from autograder.grading.shard import Shard
from tests.autograder.grading.counting import Counting
from tests.autograder.grading.test_regrade import files

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

Said = pytest.CaptureFixture[str]


def leave(course: Counting, *students: str) -> None:
    for student in students:
        shutil.rmtree(course.root / "submitted" / student)


# --- Who has no folder any more -------------------------------------------------------------------


def test_a_student_whose_folder_is_gone_is_told_and_keeps_report_and_score(
    graded: Counting, capsys: Said
) -> None:
    before = files(graded.root / "reports")
    leave(graded, "ada")

    assert cli.run(["grade"]) == 0

    said = capsys.readouterr().out
    assert "ada: has a report, and no folder in " in said and "\n  fix: put the folder back" in said
    assert f"move {graded.root / 'reports' / 'ada'} away" in said
    assert files(graded.root / "reports") == before
    assert graded.scores() == {"ada": (80, 80), "bo": (90, 90)}


def test_many_of_them_are_one_line_with_the_first_ten(counted: Counting, capsys: Said) -> None:
    many = [f"s{number:02}" for number in range(13)]
    counted.hand_in(ada=80, **dict.fromkeys(many, 50))
    counted.grades()
    capsys.readouterr()
    leave(counted, *many)

    counted.grades()

    said = capsys.readouterr().out
    assert "s08, s09 and 3 more: have reports, and no folders" in said
    assert said.count("no folder") == 1


def test_they_are_not_told_where_one_student_is_graded(graded: Counting, capsys: Said) -> None:
    leave(graded, "ada")

    graded.grades("--student", "bo")

    assert "no folder" not in capsys.readouterr().out


def test_a_folder_that_is_set_aside_is_not_gone(graded: Counting, capsys: Said) -> None:
    leave(graded, "ada")
    (graded.root / "submitted" / "ada").symlink_to(graded.root / "submitted" / "bo")

    graded.grades()

    said = capsys.readouterr().out
    assert "ada: is a link" in said and "no folder" not in said


def test_a_share_tells_of_its_own_students_alone(
    graded: Counting, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "a secret of this course")
    leave(graded, "ada", "bo")

    for number in (1, 2):
        cli.run(["grade", "--shard", f"{number}/2", "submitted"])
        said = capsys.readouterr().out
        gone = said.partition(": ha")[0] if "no folder" in said else ""
        mine = [one for one in ("ada", "bo") if Shard(number, 2).holds(one)]
        assert gone.splitlines()[-1:] == ([", ".join(mine)] if mine else [])


# --- Whose name is misspelt -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ada", "adda", "ada1"])
def test_for_a_name_that_is_not_there_the_nearest_are_told_and_how_many_there_are(
    name: str, counted: Counting, capsys: Said
) -> None:
    counted.hand_in(ada=80, **{f"student-{number}": 50 for number in range(40)})

    assert cli.run(["grade", "--student", name]) == 2

    error = capsys.readouterr().err
    assert f"there is no student {name} among 41 students\n  fix: did you mean ada?" in error
    assert "student-" not in error


def test_where_none_is_near_the_folder_that_holds_the_names_is_told(
    graded: Counting, capsys: Said
) -> None:
    assert cli.run(["grade", "--student", "zacharias"]) == 2

    error = capsys.readouterr().err
    assert "submitted, such as ada\n" in error
