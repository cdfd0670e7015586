"""Whom a class waits for where no result comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from autograder.escape import one_line
from autograder.grading.workers import Graders
from autograder.messages import _, ngettext
from autograder.report import Report
from autograder.submission import Submission

_SILENT_SECONDS = 5.0  # without a result, until it is said whom the class waits for
_STARTING_SECONDS = 20.0  # the same before the first: torch and the sandbox start meanwhile


class Waiting:
    """Whom a class waits for where no result comes: who was given to be graded before all others.

    Each grading process takes them in order, so that one is being graded, whatever the rest do.
    """

    def __init__(self) -> None:
        self._given: dict[str, None] = {}  # students without a result yet, in order
        self._since = 0.0  # monotonic: the last result, or the first submission
        self._silent_seconds = _STARTING_SECONDS

    def watched(self, graders: Graders) -> Graders:
        """``graders``, whose submissions and results are noted here as they come and go."""
        return _Watched(graders, self)

    def give(self, student: str) -> None:
        """This one is to be graded now."""
        if not self._given:
            self._since = time.monotonic()
        self._given[student] = None

    def come(self, student: str) -> None:
        """This one has a result."""
        self._given.pop(student, None)
        self._since = time.monotonic()
        self._silent_seconds = _SILENT_SECONDS

    def told(self) -> str:
        """Who it is and for how long there was no result; nothing where one came just now."""
        seconds = time.monotonic() - self._since
        given = list(self._given)  # in one step: the bar asks from a thread of its own
        if not given or seconds < self._silent_seconds:
            return ""
        text = _("waiting for {student}, {time}")
        return text.format(student=one_line(given[0]), time=duration(seconds))


class _Watched:
    """Graders that tell a `Waiting`."""

    def __init__(self, graders: Graders, waiting: Waiting) -> None:
        self._graders = graders
        self._waiting = waiting

    def grade(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, Report | None]]:
        for submission, report in self._graders.grade(self._noted(submissions)):
            self._waiting.come(submission.student)
            yield submission, report

    def _noted(self, submissions: Iterable[Submission]) -> Iterator[Submission]:
        for submission in submissions:
            self._waiting.give(submission.student)
            yield submission


def duration(seconds: float) -> str:
    """``48 s``, ``3 min`` or ``1 h 20 min``."""
    if seconds < 90:
        return _("{count} s").format(count=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("{count} min", "{count} min", minutes).format(count=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
