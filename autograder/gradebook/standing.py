"""What the gradebook holds of a class, and how reports would change it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import msgspec

from autograder.grading.regrade import Change, broken_checks, keeps_before
from autograder.report import Report


class Standing(msgspec.Struct, frozen=True):
    """What the gradebook holds of a student: when it was handed in, and the automatic total."""

    timestamp: datetime.datetime | None  # UTC without saying so, as nbgrader writes it
    total: float | None  # None where a grade has no automatic score


def changes_by(
    reports: Iterable[Report],
    before: Mapping[str, Standing],
    resubmitted: Mapping[str, bool],
    allow_lower: bool,
) -> list[Change | None]:
    """For each of ``reports``, in order, how its student's total changes; None where it does not.

    For a student whom ``resubmitted`` does not name, other files are those that were handed in at
    another time, where both times are known.
    """
    now = dict(before)
    changes: list[Change | None] = []
    for report in reports:
        timestamp = naive_utc(report.submission.submitted_at)
        was, change = now.get(report.student), None
        total: float | None = report.score
        if was is not None and was.total != total:
            is_other = resubmitted.get(report.student, _at_another_time(was.timestamp, timestamp))
            kept = not is_other and keeps_before(was.total, total, allow_lower)
            broken = broken_checks(report) if kept else ()
            change = Change(report.student, was.total, total, kept, kept, broken)
            total = was.total if kept else total
        now[report.student] = Standing(timestamp, total)
        changes.append(change)
    return changes


def naive_utc(timestamp: str | None) -> datetime.datetime | None:
    """nbgrader's form of an ISO 8601 time: UTC without saying so."""
    if timestamp is None:
        return None
    moment = datetime.datetime.fromisoformat(timestamp)
    return moment.astimezone(datetime.UTC).replace(tzinfo=None)


def _at_another_time(one: datetime.datetime | None, other: datetime.datetime | None) -> bool:
    return one is not None and other is not None and one != other
