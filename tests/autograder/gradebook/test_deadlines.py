"""By when work is due, read from a real gradebook of nbgrader's."""

from __future__ import annotations

import datetime
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import OperatorError
from autograder.gradebook.deadlines import Deadlines, deadlines, refuse_before_due
from autograder.grading.late import Deadline, late_seconds
from autograder.spec import AssignmentSpec, LatePolicy

api = pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

# nbgrader's own add_submission is told so by SQLAlchemy; nothing of ours is.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Object of type <SubmittedAssignment> not in session"
)

DUE = datetime.datetime(2026, 10, 1, 16, tzinfo=datetime.UTC)
TWO_DAYS = datetime.timedelta(days=2)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with two assignments, of which "shapes" is due; nobody is in it."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # For a new one nbgrader runs the command alembic, which takes two seconds.
        beside_python = str(Path(sys.executable).parent)
        patch.setenv("PATH", beside_python + os.pathsep + os.environ.get("PATH", os.defpath))
        with api.Gradebook(f"sqlite:///{path}", "course") as opened:
            opened.add_assignment("shapes", duedate="2026-10-02T00:00:00+08:00")
            opened.add_assignment("colours")
    return path


@pytest.fixture
def gradebook(empty: Path, tmp_path: Path) -> Iterator[Any]:
    """A copy of ``empty``, open."""
    copy = shutil.copy(empty, tmp_path)
    with api.Gradebook(f"sqlite:///{copy}", "course") as opened:
        yield opened


def hand_in(gradebook: Any, assignment: str, *students: str) -> None:
    for student in students:
        gradebook.update_or_create_student(student)
        gradebook.add_submission(assignment, student)


def queries_of(gradebook: Any) -> int:
    from sqlalchemy import event

    statements: list[str] = []

    def listener(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(gradebook.engine, "before_cursor_execute", listener)
    deadlines(gradebook, api, "shapes")
    event.remove(gradebook.engine, "before_cursor_execute", listener)
    return len(statements)


def test_the_due_date_is_in_utc_and_says_so(gradebook: Any) -> None:
    due = deadlines(gradebook, api, "shapes").due

    assert due == DUE
    assert due is not None and due.tzinfo is datetime.UTC


def test_who_is_not_in_the_gradebook_has_the_due_date_of_all(gradebook: Any) -> None:
    assert deadlines(gradebook, api, "shapes").of("ann") == Deadline(DUE, None)


def test_an_extension_is_the_students_to_whom_it_was_granted(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann", "bob")
    gradebook.grant_extension("shapes", "bob", days=2)

    found = deadlines(gradebook, api, "shapes")

    assert found.of("ann") == Deadline(DUE, None)
    assert found.of("bob") == Deadline(DUE, TWO_DAYS)


def test_an_extension_for_another_assignment_is_none_for_this(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann")
    hand_in(gradebook, "colours", "ann")
    gradebook.grant_extension("colours", "ann", days=2)

    assert deadlines(gradebook, api, "shapes").extensions == {}


def test_an_extension_that_was_taken_back_is_gone(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann")
    gradebook.grant_extension("shapes", "ann", days=2)
    gradebook.grant_extension("shapes", "ann")

    assert deadlines(gradebook, api, "shapes").of("ann") == Deadline(DUE, None)


def test_less_time_than_the_others_is_read_too(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann")
    gradebook.grant_extension("shapes", "ann", days=-2)

    assert deadlines(gradebook, api, "shapes").of("ann") == Deadline(DUE, -TWO_DAYS)


def test_an_assignment_without_a_due_date_is_never_due(gradebook: Any) -> None:
    hand_in(gradebook, "colours", "ann")
    gradebook.grant_extension("colours", "ann", days=2)

    assert deadlines(gradebook, api, "colours").of("ann") == Deadline(None, TWO_DAYS)


def test_an_assignment_that_is_not_in_the_gradebook_is_never_due(gradebook: Any) -> None:
    assert deadlines(gradebook, api, "sounds") == Deadlines(None, {})


def test_lateness_is_as_nbgrader_counts_it(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann")
    gradebook.grant_extension("shapes", "ann", hours=1)
    submission = gradebook.find_submission("shapes", "ann")
    submission.timestamp = datetime.datetime(2026, 10, 1, 17, 0, 9)
    gradebook.db.commit()

    mine = deadlines(gradebook, api, "shapes").of("ann")

    assert late_seconds("2026-10-01T17:00:09+00:00", mine.due, mine.extension) == 9
    assert submission.total_seconds_late == 9


def test_a_large_class_takes_as_many_queries_as_a_small_one(gradebook: Any) -> None:
    hand_in(gradebook, "shapes", "ann")
    of_one = queries_of(gradebook)
    hand_in(gradebook, "shapes", *(f"student{number}" for number in range(20)))
    for number in range(20):
        gradebook.grant_extension("shapes", f"student{number}", days=number + 1)

    of_many = queries_of(gradebook)

    assert (of_one, of_many) == (2, 2)


def test_reading_deadlines_leaves_nothing_to_write(gradebook: Any) -> None:
    deadlines(gradebook, api, "shapes")

    assert not gradebook.db.new and not gradebook.db.dirty


# --- what is shown after it -----------------------------------------------------------------------

OPEN = AssignmentSpec(title="Shapes", name="shapes", exercises=(), after_due=("messages",))
HOUR = datetime.timedelta(hours=1)
NOTHING_LATE = LatePolicy(cut_off_after_days=0)


def due_in(time: datetime.timedelta, **extensions: datetime.timedelta) -> Deadlines:
    return Deadlines(datetime.datetime.now(datetime.UTC) + time, extensions)


def test_more_is_shown_once_the_time_of_all_is_over() -> None:
    refuse_before_due(due_in(-HOUR), OPEN, NOTHING_LATE)
    refuse_before_due(due_in(-2 * HOUR, ada=HOUR), OPEN, NOTHING_LATE)
    refuse_before_due(due_in(-25 * HOUR), OPEN, LatePolicy(cut_off_after_days=1))


@pytest.mark.parametrize(
    "policy",
    [LatePolicy(), LatePolicy(percent_per_started_day=10), LatePolicy(cut_off_after_days=1)],
)
def test_nothing_more_is_shown_while_late_work_counts(policy: LatePolicy) -> None:
    with pytest.raises(OperatorError, match=r"late work on shapes counts|may hand in shapes until"):
        refuse_before_due(due_in(-HOUR), OPEN, policy)


@pytest.mark.parametrize(
    ("times", "spec", "why"),
    [
        (due_in(HOUR), OPEN, "may hand in shapes until"),
        (due_in(-HOUR, ada=TWO_DAYS), OPEN, "may hand in shapes until"),
        (due_in(HOUR, ada=-TWO_DAYS), OPEN, "may hand in shapes until"),
        (Deadlines(), OPEN, "no due date"),
        (due_in(-HOUR), AssignmentSpec(title="", name="shapes", exercises=()), "lets nothing more"),
    ],
)
def test_nothing_more_is_shown_while_somebody_may_hand_in_or_nothing_may_be(
    times: Deadlines, spec: AssignmentSpec, why: str
) -> None:
    with pytest.raises(OperatorError, match=why):
        refuse_before_due(times, spec, NOTHING_LATE)
