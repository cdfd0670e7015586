"""When a submission was handed in, as the files beside it say."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import msgspec

from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable, read_regular_file

TIMESTAMP = "timestamp.txt"  # nbgrader's, written by `nbgrader submit` and kept by `collect`
# What nbgrader writes, "2015-02-02 15:58:23.948203 UTC", and ISO 8601. An abbreviation such as CST
# is none: it means five time zones. A date alone is none either: the day's first minute or last?
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(:\d\d(\.\d{1,9})?)?)"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d\d(:?\d\d)?)?",
    re.ASCII,
)
_MAX_BYTES = 2**20
_SHOWN_CHARACTERS = 60


class HandedIn(msgspec.Struct, frozen=True):
    """When a submission was handed in, and what says so. Both are None where it is not known."""

    submitted_at: str | None = None  # ISO 8601, UTC, with its offset
    source: str | None = None  # the name of the file that says so
    problem: str = ""  # for the instructor, with a fix: why it is not known


def handed_in(folder: Path, student: str, assignment: str) -> HandedIn:
    """When what lies in ``folder/student/assignment`` was handed in; never raises for a file there.

    nbgrader's timestamp.txt says so. Where there is none, it is not known, and that is no problem:
    files that were not collected by nbgrader have none.
    """
    parts = (student, assignment, TIMESTAMP)
    shown = printable(Path(*parts))
    try:
        data = read_regular_file(folder, parts, _MAX_BYTES)
    except FileNotFoundError:
        return HandedIn()
    except SubmissionError as error:
        return _not_known(str(error).partition("\n")[0])  # its fix is for a student's work
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return _not_known(_("{path}: is no UTF-8 text").format(path=shown))
    try:
        return HandedIn(_moment(text).isoformat(), TIMESTAMP)
    except (ValueError, OverflowError):
        cut = text[:_SHOWN_CHARACTERS] + ("…" if len(text) > _SHOWN_CHARACTERS else "")
        return _not_known(
            _("{path}: says “{text}”, which is no time with a known zone").format(
                path=shown, text=printable(cut)
            )
        )


def as_utc(moment: datetime.datetime) -> datetime.datetime:
    """``moment`` in UTC. One without a zone is in UTC already.

    All of nbgrader's are: it reads its files so (`nbgrader.utils.parse_utc`), and its gradebook
    keeps due dates and timestamps in UTC without saying so.

    Raises:
        OverflowError: In UTC it is before the year 1, or after 9999.
    """
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC)


def _moment(text: str) -> datetime.datetime:
    """The time that ``text`` is, in UTC. Raises ValueError or OverflowError."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    zone = found["zone"] or ""
    if zone in ("UTC", "GMT"):
        zone = "Z"
    return as_utc(datetime.datetime.fromisoformat(f"{found['date']}T{found['time']}{zone}"))


def _not_known(why: str) -> HandedIn:
    return HandedIn(
        problem=_(
            "{why}; so it is not known when this was handed in, and it does not count as late\n"
            "  fix: put a file there that holds the time, such as 2026-10-01 12:00:00 UTC, and "
            "grade again"
        ).format(why=why)
    )
