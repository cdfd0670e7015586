"""How late a submission is, and what that costs: made anew at every run, from facts alone."""

from __future__ import annotations

import datetime

import msgspec

from autograder.report import Report
from autograder.spec import LatePolicy
from autograder.submission.handed_in import HandedIn, as_utc

_DAY = 24 * 60 * 60  # seconds; a day of UTC always has as many, also where clocks are changed


class Deadline(msgspec.Struct, frozen=True):
    """By when one student's work is due."""

    due: datetime.datetime | None = None  # the assignment's; UTC where it has no zone
    extension: datetime.timedelta | None = None  # the student's own, on top of it


def late_seconds(
    submitted_at: str | None,
    due: datetime.datetime | None,
    extension: datetime.timedelta | None,
) -> int:
    """Whole seconds after the deadline; 0 in time, without a deadline, or where it is not known.

    What is begun of a second is not counted: who hands in by 23:59:59 has all of that second.

    Args:
        submitted_at: ISO 8601; UTC where it has no offset.
        due: When the assignment is due; UTC where it has no zone.
        extension: The student's own, on top of ``due``.
    """
    if submitted_at is None or due is None:
        return 0
    late = as_utc(datetime.datetime.fromisoformat(submitted_at)) - as_utc(due)
    late -= extension or datetime.timedelta()
    return max(0, late // datetime.timedelta(seconds=1))


def penalty(policy: LatePolicy, late_seconds: int, score: float | None, max_score: float) -> float:
    """Points that ``late_seconds`` cost: from 0 to ``score``, and 0 where there is no score.

    Args:
        policy: What being late costs; its grace comes before every one of its days.
        late_seconds: Whole seconds after the deadline.
        score: What the submission earned, points.
        max_score: All points of the assignment; ``policy`` takes a share of these.
    """
    counted = late_seconds - 60 * policy.grace_minutes
    if score is None or counted <= 0:
        return 0.0
    cut_off = policy.cut_off_after_days
    if cut_off is not None and counted > cut_off * _DAY:
        return float(score)
    started_days = -(-counted // _DAY)
    return min(float(score), max_score * policy.percent_per_started_day * started_days / 100)


def versions(report: Report) -> tuple[Report, Report | None]:
    """The latest version and, where there is one, that from before the deadline."""
    if report.submission.on_time_version and report.other_version is not None:
        return report.other_version, msgspec.structs.replace(report, other_version=None)
    return msgspec.structs.replace(report, other_version=None), report.other_version


def the_better(latest: Report, on_time: Report) -> Report:
    """Which of a student's two versions counts, the other in its ``other_version``.

    The latest, unless it is late and comes to no more points than the other, after what being late
    costs. Where grading the latest broke on our side, that one, so that somebody looks.
    """
    latest, on_time = (
        msgspec.structs.replace(one, other_version=None) for one in (latest, on_time)
    )
    if latest.score is None:
        is_better = latest.submission.file is None  # nothing of it could be read
    else:
        least = latest.score - latest.late_penalty
        is_better = (
            latest.submission.late_seconds > 0
            and on_time.score is not None
            and on_time.score - on_time.late_penalty >= least
        )
    if is_better and on_time.score is not None:
        return msgspec.structs.replace(on_time, other_version=latest)
    return msgspec.structs.replace(latest, other_version=on_time)


def with_lateness(
    report: Report, handed_in: HandedIn, deadline: Deadline, policy: LatePolicy
) -> Report:
    """``report`` with when it was handed in, how late that is and what it costs, all else as it is.

    Of the same arguments always the same report; what it said of these before has no influence.
    """
    seconds = late_seconds(handed_in.submitted_at, deadline.due, deadline.extension)
    return msgspec.structs.replace(
        report,
        late_penalty=penalty(policy, seconds, report.score, report.max_score),
        submission=msgspec.structs.replace(
            report.submission,
            submitted_at=handed_in.submitted_at,
            submitted_at_source=handed_in.source,
            late_seconds=seconds,
        ),
    )
