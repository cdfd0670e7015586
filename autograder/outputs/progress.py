"""A class on its way: a bar on a terminal, plain lines elsewhere, lines of JSON for machines."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.table import Column
from rich.text import Text

from autograder.escape import one_line
from autograder.grading.course import ClassResult
from autograder.grading.regrade import Change, broken_checks
from autograder.grading.run import Step
from autograder.grading.workers import Graders
from autograder.messages import _
from autograder.outputs.waiting import Waiting, duration
from autograder.outputs.wrap import for_stream
from autograder.report import Report

# Where there is no terminal a line is due after so many submissions, or seconds.
_PLAIN_EVERY = 50
_PLAIN_SECONDS = 30.0
_BAR_WIDTH = 24  # characters; on 80 of them the pace fits beside it


class Pace:
    """How fast a class goes: the rate, what is left, the slowest, and what has no score."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._graded = 0
        self._slowest: tuple[float, str] = (0.0, "")
        self._without = 0

    def count(self, step: Step) -> None:
        """One more submission. What is known already takes no time and makes no pace."""
        report = step.report
        self._without += report.score is None
        if step.cached:
            return
        if self._start is None:  # the first one waits for torch and the sandbox
            self._start = time.monotonic()
        else:
            self._graded += 1
        self._slowest = max(self._slowest, (report.duration_seconds, report.student))

    def told(self, left: int) -> str:
        """The pace in a few words, where ``left`` submissions are left."""
        said = []
        if self._start is not None and self._graded:
            rate = self._graded / max(time.monotonic() - self._start, 1e-3)
            said.append(_("{rate:.1f}/s").format(rate=rate))
            if left / rate >= 1:  # the last ones may take longer than all others
                said.append(_("{time} left").format(time=duration(left / rate)))
        seconds, student = self._slowest
        if student:
            text = _("slowest {student} {seconds} s")
            shown = f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}"
            said.append(text.format(student=one_line(student), seconds=shown))
        if self._without:
            said.append(_("{count} without a score").format(count=self._without))
        return " · ".join(said)


class _PaceColumn(ProgressColumn):
    """The pace beside the bar, and before it whom the class waits for."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__()
        self._waiting = waiting

    def render(self, task: Task) -> Text:
        said = (self._waiting.told(), task.fields["pace"])
        shown = " · ".join(text for text in said if text)
        return Text(shown, no_wrap=True, overflow="ellipsis")


class ClassProgress:
    """A bar on a terminal, a line now and then elsewhere; then who changes, if any."""

    def __init__(self) -> None:
        self._waiting = Waiting()
        self._told: set[Change] = set()
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._pace = Pace()
        self._since = 0  # graded since the last plain line
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress = Progress(
                # Where there is too little room it is the last one that is cut.
                TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
                BarColumn(_BAR_WIDTH, table_column=Column(no_wrap=True)),
                MofNCompleteColumn(table_column=Column(no_wrap=True)),
                _PaceColumn(self._waiting),
                console=self._console,
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task(_("starting the sandbox"), total=None, pace="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def watched(self, graders: Graders) -> Graders:
        """``graders``, so that the bar can say whom it waits for."""
        return self._waiting.watched(graders)

    def update(self, step: Step) -> None:
        """One more submission is done."""
        self._pace.count(step)
        pace = self._pace.told(step.total - step.done)
        # Not whose turn it is: a name of another length each time makes the bar jump.
        self._show(step.done, step.total, _("grading"), pace, counts=not step.cached)

    def step(self, done: int, total: int, name: str) -> None:
        """One more of anything."""
        self._show(done, total, name, "")

    def changes(self, changes: Sequence[Change]) -> None:
        """Who changes, a line each, at the end of the bar; nobody twice."""
        if self._progress is not None:
            self._progress.stop()  # else what is printed goes where the bar is
        for change in changes:
            if change not in self._told:
                print(for_stream(change_line(change), sys.stdout), flush=True)
        self._told.update(changes)

    def _show(self, done: int, total: int, name: str, pace: str, counts: bool = True) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, completed=done, total=total, description=one_line(name), pace=pace
            )
            return
        self._since += counts
        waited = time.monotonic() - self._last_line
        if self._since >= _PLAIN_EVERY or (self._since and waited >= _PLAIN_SECONDS):
            said = _("{done} of {total} graded").format(done=done, total=total)
            print(" · ".join(text for text in (said, pace) if text), file=sys.stderr, flush=True)
            self._since, self._last_line = 0, time.monotonic()


class JsonLines:
    """Each step, each change and the end as a line of JSON on standard output.

    Each has an ``event``: ``submission``, ``change``, and at last ``class``. For the instructor.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def watched(self, graders: Graders) -> Graders:
        """``graders`` as they are: a program sees by itself that no line comes."""
        return graders

    def update(self, step: Step) -> None:
        """One more submission is done."""
        report = step.report
        _print(
            event="submission",
            done=step.done,
            total=step.total,
            student=report.student,
            score=report.score,
            max_score=report.max_score,
            late_penalty=report.late_penalty,
            cached=step.cached,
            seconds=report.duration_seconds,
            why=why_no_score(report) if report.score is None else "",
        )

    def changes(self, changes: Sequence[Change]) -> None:
        """These scores change."""
        for change in changes:
            _print(event="change", **msgspec.structs.asdict(change))

    def result(self, result: ClassResult) -> None:
        """The class is done."""
        _print(
            event="class",
            graded=result.graded,
            unchanged=result.unchanged,
            without_score=sum(report.score is None for report in result.reports),
            complete=result.complete,
            quarantined=result.quarantined,
            notices=result.notices,
            seconds=round(result.seconds, 3),
        )


def change_line(change: Change) -> str:
    """``ada 80 → 85``, and which of the two stays where it is the one from before."""
    line = f"{one_line(change.student)} {score(change.before)} → {score(change.now)}"
    if not change.kept:
        return line
    stays = _("kept {before}").format(before=score(change.before))
    if change.in_gradebook:
        stays = _("kept {before} in the gradebook").format(before=score(change.before))
    why = _("--allow-lower takes {now}").format(now=score(change.now))
    if change.broken:
        why = _("broke on our side: {checks}").format(checks=one_line(", ".join(change.broken)))
    elif change.now is None:
        why = one_line(change.why) or _("nothing could be graded")
    return f"{line}: {stays} ({why})"


def why_no_score(report: Report) -> str:
    """Why a report has none, in a line; it may quote the student's file, and is not escaped."""
    if broken := broken_checks(report):
        return _("a check broke on our side: {checks}").format(checks=", ".join(broken))
    if report.remarks:
        return report.remarks[0].text.partition("\n")[0]
    return _("nothing could be graded")


def score(points: float | None) -> str:
    """Points as they are shown; a dash where there are none."""
    return "–" if points is None else f"{points:g}"


def _print(**fields: Any) -> None:
    sys.stdout.write(msgspec.json.encode(fields).decode() + "\n")
    sys.stdout.flush()
