"""Who handed in on time and once more after the deadline: the better of the two versions counts."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import msgspec
import pytest

from autograder.grading.late import the_better
from autograder.report import Report, student_view
from autograder.report.model import decode_report, encode_report
from tests.autograder.grading.counting import Counting
from tests.autograder.grading.test_regrade import report

DAY = datetime.timedelta(days=1)


def version(score: int | None, penalty: float = 0, late: int = 0, **more: object) -> Report:
    made = report(score, "a" * 64)
    file = msgspec.structs.replace(made.submission, late_seconds=late, **more)
    return msgspec.structs.replace(made, submission=file, late_penalty=penalty)


def late(score: int | None, penalty: float = 0) -> Report:
    return version(score, penalty, late=60)


def on_time(score: int | None) -> Report:
    return version(score, on_time_version=True)


@pytest.mark.parametrize(
    ("latest", "earlier", "score"),
    [
        (late(90, 10), on_time(79), 90),
        (late(90, 10), on_time(80), 80),  # worth as much, and in time
        (late(90, 10), on_time(81), 81),
        (late(0), on_time(1), 1),
        (late(50), on_time(60), 60),  # being late may cost nothing
        (version(50), on_time(60), 50),  # an extension: the later one is in time
        (late(50), on_time(None), 50),
    ],
)
def test_the_version_that_is_worth_more_after_the_penalty_counts(
    latest: Report, earlier: Report, score: int
) -> None:
    chosen = the_better(latest, earlier)

    assert chosen.score == score
    assert chosen.other_version is not None
    assert {chosen.score, chosen.other_version.score} == {latest.score, earlier.score}


def test_where_grading_the_late_version_broke_somebody_has_to_look() -> None:
    assert the_better(late(None), on_time(60)).score is None


def test_where_the_late_version_cannot_be_read_the_one_in_time_counts() -> None:
    unreadable = version(None, late=60, file=None, sha256=None)

    assert the_better(unreadable, on_time(60)).score == 60


def test_both_versions_are_in_the_file_and_read_back() -> None:
    chosen = the_better(late(90, 20), on_time(80))

    assert decode_report(encode_report(chosen)) == chosen


def test_the_student_is_told_which_version_counts() -> None:
    assert "on time counts" in student_view(the_better(late(90, 20), on_time(80))).remarks[-1]
    assert "later one counts" in student_view(the_better(late(90, 5), on_time(80))).remarks[-1]
    assert student_view(the_better(version(90), on_time(80))).remarks == ()


# --- in a class -----------------------------------------------------------------------------------


@pytest.fixture
def two_versions(graded: Counting) -> Counting:
    """ada handed in on time, for 75, and a day late, for 80; a day costs 10."""
    (graded.root / "course.toml").write_text(
        'course_id = "toy"\n[late]\npercent_per_started_day = 10\n'
    )
    with graded.gradebook() as opened:
        opened.update_or_create_assignment("toy", duedate="2026-10-01 12:00:00 UTC")
    submitted = graded.root / "submitted"
    earlier = graded.root / "submitted-on-time" / "ada" / "toy"
    shutil.copytree(submitted / "ada" / "toy", earlier)
    for place, moment in ((submitted / "ada" / "toy", "10-02"), (earlier, "10-01")):
        (place / "timestamp.txt").write_text(f"2026-{moment} 11:00:00 UTC\n")
    change(earlier)
    graded.on_time["ada"] = 75
    return graded


def change(folder: Path) -> None:
    path = next(path for path in folder.iterdir() if path.suffix in (".py", ".ipynb"))
    path.write_bytes(path.read_bytes().replace(b"x = ", b"y = x = ").replace(b"pass", b"pass;"))
    if path.suffix == ".py":
        path.write_bytes(path.read_bytes() + b"\nearlier = 1\n")


def total(course: Counting) -> tuple[float, float]:
    """Score and penalty in the gradebook."""
    with course.gradebook() as opened:
        submission = opened.find_submission("toy", "ada")
        return submission.score, submission.late_submission_penalty


def test_the_version_in_time_goes_into_report_and_gradebook_where_it_is_worth_more(
    two_versions: Counting,
) -> None:
    assert two_versions.grades() == ["ada"]

    stands = two_versions.stands("ada")
    assert (stands.score, stands.late_penalty, stands.submission.on_time_version) == (75, 0, True)
    assert stands.submission.submitted_at == "2026-10-01T11:00:00+00:00"
    assert total(two_versions) == (75, 0)


def test_both_versions_are_graded_once(two_versions: Counting) -> None:
    two_versions.grades()

    assert two_versions.grades() == []
    assert total(two_versions) == (75, 0)


def test_an_extension_lets_the_later_version_count_and_grades_nothing(
    two_versions: Counting,
) -> None:
    two_versions.grades()
    with two_versions.gradebook() as opened:
        opened.update_or_create_submission("toy", "ada", extension=DAY)

    assert two_versions.grades() == []

    assert two_versions.stands("ada").score == 80
    assert total(two_versions) == (80, 0)


def test_a_withdrawn_extension_lets_the_version_in_time_count_again(
    two_versions: Counting,
) -> None:
    with two_versions.gradebook() as opened:
        opened.update_or_create_submission("toy", "ada", extension=DAY)
    two_versions.grades()
    assert total(two_versions) == (80, 0)
    with two_versions.gradebook() as opened:
        opened.update_or_create_submission("toy", "ada", extension=None)

    assert two_versions.grades() == []

    assert total(two_versions) == (75, 0)


def test_the_same_file_twice_is_one_version(graded: Counting) -> None:
    shutil.copytree(
        graded.root / "submitted" / "ada" / "toy",
        graded.root / "submitted-on-time" / "ada" / "toy",
    )

    assert graded.grades() == []
