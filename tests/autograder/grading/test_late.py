"""What being late costs: never more than the score, and the same from the same facts."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AuthorError
from autograder.grading.late import Deadline, late_seconds, penalty, with_lateness
from autograder.report import Provenance, Report, SubmittedFile
from autograder.spec import AssignmentSpec, Course, CourseSpec, LatePolicy, find_course
from autograder.submission.handed_in import HandedIn

ROOT = Path(__file__).parents[3]
HOUR, DAY = 3600, 86400
DUE = datetime.datetime(2026, 10, 1, 16, tzinfo=datetime.UTC)
TEN = LatePolicy(percent_per_started_day=10, cut_off_after_days=5, grace_minutes=15)
GRACE = 15 * 60

policies = st.builds(
    LatePolicy,
    percent_per_started_day=st.floats(0, 100),
    cut_off_after_days=st.none() | st.integers(0, 30),
    grace_minutes=st.integers(0, 3000),
)
lateness = st.integers(0, 40 * DAY) | st.integers(0, 10**12)
scores = st.floats(0, 1000)


def report(score: int | None = 80) -> Report:
    return Report(
        assignment="shapes", student="ann", score=score, max_score=100,
        submission=SubmittedFile(file="shapes.py", sha256="a" * 64),
        exercises=(), duration_seconds=0.1,
        provenance=Provenance(
            grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="", torch="0",
            python="0", sandbox_layers=("bubblewrap",), graded_at="2026-10-02T00:00:00+00:00",
        ),
    )  # fmt: skip


def at(moment: datetime.datetime) -> HandedIn:
    return HandedIn(moment.isoformat(), "timestamp.txt")


# ---- how late -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted_at", "seconds"),
    [
        ("2026-10-01T15:59:59+00:00", 0),
        ("2026-10-01T16:00:00+00:00", 0),
        ("2026-10-01T16:00:00.999999+00:00", 0),  # all of the last second is in time
        ("2026-10-01T16:00:01+00:00", 1),
        ("2026-10-02T00:00:01+08:00", 1),
        ("2026-10-01T16:00:01", 1),
    ],
)
def test_lateness_is_the_whole_seconds_after_the_due_date(submitted_at: str, seconds: int) -> None:
    assert late_seconds(submitted_at, DUE, None) == seconds


def test_a_due_date_without_a_zone_is_utc_whatever_the_machines_zone() -> None:
    program = (
        "import datetime; from autograder.grading.late import late_seconds; "
        "print(late_seconds('2026-10-01T16:00:07', datetime.datetime(2026, 10, 1, 16), None))"
    )

    printed = subprocess.check_output(
        [sys.executable, "-c", program], text=True, env=os.environ | {"TZ": "America/New_York"}
    )

    assert printed == "7\n"


def test_clocks_that_are_changed_overnight_make_no_day_longer() -> None:
    before, after = "2026-11-01T00:30:00-04:00", "2026-11-02T00:30:00-05:00"  # in New York

    seconds = late_seconds(after, datetime.datetime.fromisoformat(before), None)

    assert seconds == 25 * HOUR
    assert penalty(LatePolicy(percent_per_started_day=10), seconds, 100, 100) == 20


@pytest.mark.parametrize(
    ("extension", "seconds"),
    [
        (None, 2 * DAY),
        (datetime.timedelta(), 2 * DAY),
        (datetime.timedelta(days=1), DAY),
        (datetime.timedelta(days=2), 0),
        (datetime.timedelta(days=2, microseconds=-1), 0),
        (datetime.timedelta(days=30), 0),
        (datetime.timedelta(days=-1), 3 * DAY),
    ],
)
def test_an_extension_moves_the_deadline(extension: datetime.timedelta, seconds: int) -> None:
    submitted_at = (DUE + datetime.timedelta(days=2)).isoformat()

    assert late_seconds(submitted_at, DUE, extension) == seconds


def test_without_a_due_date_nobody_is_late() -> None:
    assert late_seconds("2026-10-01T16:00:00+00:00", None, datetime.timedelta(days=-1)) == 0


def test_who_handed_in_at_an_unknown_time_is_not_late() -> None:
    assert late_seconds(None, DUE, None) == 0


# ---- what it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "points"),
    [
        (0, 0),
        (GRACE, 0),
        (GRACE + 1, 10),
        (DAY, 10),
        (GRACE + DAY, 10),
        (GRACE + DAY + 1, 20),
        (GRACE + 5 * DAY, 50),
        (GRACE + 5 * DAY + 1, 80),
    ],
)
def test_grace_days_and_the_cut_off_end_to_the_second(seconds: int, points: float) -> None:
    assert penalty(TEN, seconds, score=80, max_score=100) == points


def test_a_day_costs_a_share_of_all_points_and_not_of_those_earned() -> None:
    assert penalty(LatePolicy(percent_per_started_day=12.5), 1, score=20, max_score=40) == 5


def test_with_a_cut_off_after_no_days_nothing_late_counts() -> None:
    at_once = LatePolicy(cut_off_after_days=0)

    assert [penalty(at_once, late, 80, 100) for late in (0, 1)] == [0, 80]


def test_a_cut_off_alone_costs_nothing_before_it() -> None:
    assert penalty(LatePolicy(cut_off_after_days=3), 3 * DAY, 80, 100) == 0


def test_without_a_policy_being_late_costs_nothing() -> None:
    assert penalty(LatePolicy(), 400 * DAY, 80, 100) == 0


def test_no_score_has_no_penalty_also_after_the_cut_off() -> None:
    assert penalty(TEN, 100 * DAY, None, 100) == 0


@given(policies, lateness, scores, scores)
def test_a_penalty_is_never_negative_and_never_more_than_the_score(
    policy: LatePolicy, seconds: int, score: float, max_score: float
) -> None:
    assert 0 <= penalty(policy, seconds, score, max_score) <= score


@given(policies, lateness, lateness, scores, scores)
def test_later_never_costs_less(
    policy: LatePolicy, seconds: int, more: int, score: float, max_score: float
) -> None:
    sooner = penalty(policy, seconds, score, max_score)
    later = penalty(policy, seconds + more, score, max_score)

    assert sooner <= later


@given(policies, lateness, scores, scores, scores)
def test_who_earned_more_never_has_less_left(
    policy: LatePolicy, seconds: int, score: float, more: float, max_score: float
) -> None:
    left = score - penalty(policy, seconds, score, max_score)
    left_of_more = score + more - penalty(policy, seconds, score + more, max_score)

    assert left <= left_of_more + 1e-9


# ---- in the report ------------------------------------------------------------------------------


def test_a_report_says_when_it_was_handed_in_how_late_and_what_it_costs() -> None:
    late = at(DUE + datetime.timedelta(hours=30))

    told = with_lateness(report(), late, Deadline(DUE), TEN)

    assert told.submission.submitted_at == "2026-10-02T22:00:00+00:00"
    assert told.submission.submitted_at_source == "timestamp.txt"
    assert told.submission.late_seconds == 30 * HOUR
    assert told.late_penalty == 20


def test_nothing_else_in_the_report_changes() -> None:
    told = with_lateness(report(), at(DUE + datetime.timedelta(days=2)), Deadline(DUE), TEN)

    before, after = msgspec.to_builtins(report()), msgspec.to_builtins(told)
    assert {key for key in before if before[key] != after[key]} == {"submission", "late_penalty"}
    one, other = before["submission"], after["submission"]
    assert {key for key in one if one[key] != other[key]} == {
        "submitted_at", "submitted_at_source", "late_seconds",
    }  # fmt: skip


def test_an_extension_granted_after_grading_changes_the_lateness_alone() -> None:
    handed_in = at(DUE + datetime.timedelta(days=2))
    before = with_lateness(report(), handed_in, Deadline(DUE), TEN)

    extended = Deadline(DUE, datetime.timedelta(days=2))
    after = with_lateness(before, handed_in, extended, TEN)

    assert (before.late_penalty, after.late_penalty) == (20, 0)
    assert after.submission.late_seconds == 0
    assert with_lateness(after, handed_in, Deadline(DUE), TEN) == before


def test_a_report_of_a_time_that_is_no_longer_known_forgets_it() -> None:
    before = with_lateness(report(), at(DUE + datetime.timedelta(days=2)), Deadline(DUE), TEN)

    assert with_lateness(before, HandedIn(problem="a link"), Deadline(DUE), TEN) == report()


def test_a_report_without_a_score_says_how_late_it_is_and_costs_nothing() -> None:
    late = at(DUE + datetime.timedelta(days=9))

    told = with_lateness(report(score=None), late, Deadline(DUE), TEN)

    assert (told.submission.late_seconds, told.late_penalty, told.score) == (9 * DAY, 0, None)


# ---- in course.toml and assignment.toml ---------------------------------------------------------


def course_with(folder: Path, toml: str) -> Course:
    (folder / "course.toml").write_text(f'course_id = "toys"\n{toml}')
    return find_course(folder)


def spec(late: LatePolicy | None = None) -> AssignmentSpec:
    return AssignmentSpec(title="Shapes", name="shapes", exercises=(), late=late)


def test_a_course_that_says_nothing_takes_nothing_off(tmp_path: Path) -> None:
    assert course_with(tmp_path, "").late_policy(spec()) == LatePolicy()


def test_the_courses_policy_holds_for_an_assignment_without_one(tmp_path: Path) -> None:
    course = course_with(tmp_path, "[late]\npercent_per_started_day = 10\ngrace_minutes = 5\n")

    assert course.late_policy(spec()) == LatePolicy(percent_per_started_day=10, grace_minutes=5)


def test_an_assignments_policy_is_in_the_place_of_the_courses_as_a_whole(tmp_path: Path) -> None:
    course = Course(tmp_path, CourseSpec("toys", late=TEN))

    assert course.late_policy(spec(LatePolicy())) == LatePolicy()
    assert course.late_policy(spec(LatePolicy(grace_minutes=1))) == LatePolicy(grace_minutes=1)


def test_an_assignments_policy_is_read_from_its_toml(tmp_path: Path) -> None:
    folder = tmp_path / "solutions" / "shapes"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(
        'title = "Shapes"\nexercises = []\n[late]\ncut_off_after_days = 2\n'
    )

    read = course_with(tmp_path, "").assignment("shapes")

    assert read.late == LatePolicy(cut_off_after_days=2)


@pytest.mark.parametrize(
    "line",
    [
        "percent_per_day = 10",
        "percent_per_started_day = -1",
        "percent_per_started_day = 101",
        "percent_per_started_day = nan",
        'percent_per_started_day = "10 %"',
        "cut_off_after_days = -1",
        "cut_off_after_days = 1.5",
        "grace_minutes = -15",
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(AuthorError, match=line.partition(" ")[0]):
        course_with(tmp_path, f"[late]\n{line}\n")


def test_the_example_in_the_documentation_is_a_policy_with_every_key(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(\[late\].*?)```", text, re.DOTALL)

    assert course_with(tmp_path, example).spec.late == TEN
    assert set(LatePolicy.__struct_fields__) == set(re.findall(r"^(\w+) =", example, re.MULTILINE))


# ---- what it needs ------------------------------------------------------------------------------


def test_neither_torch_nor_pytest_nor_nbgrader_is_loaded() -> None:
    program = (
        "import autograder.gradebook.deadlines, autograder.grading.late, sys; "
        "print({'torch', 'pytest', 'nbgrader'} & set(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"
