"""A class on the terminal: progress while it is graded, a table at the end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.escape import lines, one_line, rich_text
from autograder.grading.course import ClassResult
from autograder.grading.regrade import Change, broken_checks
from autograder.grading.void import void_remarks
from autograder.messages import _, ngettext
from autograder.report import Report
from autograder.spec import AssignmentSpec

_PLAIN_EVERY = 50  # submissions between two lines where there is no terminal
_SHOWN_OF_A_REMARK = 200  # characters; a longer one is in the report


class ClassProgress:
    """A bar with an ETA on a terminal, a line now and then elsewhere; then who changes, if any."""

    def __init__(self) -> None:
        self._told: set[Change] = set()
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn(_("left")),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task(_("starting the sandbox"), total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def update(self, done: int, total: int, report: Report) -> None:
        """One more submission is graded."""
        self.step(done, total, report.student)

    def step(self, done: int, total: int, name: str) -> None:
        """One more of anything."""
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, completed=done, total=total, description=one_line(name)
            )
        elif done % _PLAIN_EVERY == 0:
            print(
                _("{done} of {total} graded").format(done=done, total=total),
                file=sys.stderr,
                flush=True,
            )

    def changes(self, changes: Sequence[Change]) -> None:
        """Who changes, a line each, at the end of the bar; nobody twice."""
        if self._progress is not None:
            self._progress.stop()  # else what is printed goes where the bar is
        for change in changes:
            if change not in self._told:
                print(change_line(change), flush=True)
        self._told.update(changes)


def change_line(change: Change) -> str:
    """``ada 80 → 85``, and which of the two stays where it is the one from before."""
    line = f"{one_line(change.student)} {_score(change.before)} → {_score(change.now)}"
    if not change.kept:
        return line
    stays = _("kept {before}").format(before=_score(change.before))
    if change.in_gradebook:
        stays = _("kept {before} in the gradebook").format(before=_score(change.before))
    why = _("--allow-lower takes {now}").format(now=_score(change.now))
    if change.broken:
        why = _("broke on our side: {checks}").format(checks=one_line(", ".join(change.broken)))
    elif change.now is None:
        why = _("nothing could be graded")
    return f"{line}: {stays} ({why})"


def class_table(spec: AssignmentSpec, result: ClassResult, output: Path) -> str:
    """The class as a table; below it remarks, what could not be graded, and where everything is."""
    title = rich_text(spec.title)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    table.add_column(_("student"))
    for exercise in spec.exercises:
        header = one_line(exercise.name).replace("-", "-\n") + f"\n{exercise.points}"
        table.add_column(Text(header), justify="right", vertical="bottom", no_wrap=True)
    table.add_column(_("score") + f"\n{spec.points}", justify="right", style="bold")
    for report in result.reports:
        cells = [_score(exercise.score) for exercise in report.exercises]
        table.add_row(rich_text(report.student), *cells, _score(report.score))
    return as_text(table) + "\n".join(_closing(result, output))


def _closing(result: ClassResult, output: Path) -> list[str]:
    said = [
        f"{one_line(report.student)}: {remark}"
        for report in result.reports
        if report.score is not None and (remark := _first_remark(report))
    ]
    ungraded = [
        f"{one_line(report.student)}: {_first_remark(report)}"
        for report in result.reports
        if report.score is None
    ]
    set_aside = [lines(sentence) for sentence in result.quarantined]
    ungraded += [
        _("{student}: a check broke on our side; the score from before stays").format(
            student=one_line(change.student)
        )
        for change in result.changes
        if change.kept and change.now is None
    ]
    said += [_("not graded: {what}").format(what=what) for what in (*ungraded, *set_aside)]
    said += _void(result)
    said.append("")
    count = sum(report.score is not None for report in result.reports)
    seconds = sum(report.duration_seconds for report in result.reports)
    said.append(
        ngettext(
            "{count} submission graded in {seconds:.1f} s",
            "{count} submissions graded in {seconds:.1f} s",
            count,
        ).format(count=count, seconds=seconds)
    )
    if any("bubblewrap" not in r.provenance.sandbox_layers for r in result.reports):
        said.append(_("isolated without bubblewrap; `autograder doctor` tells what is lost"))
    shown = Path(os.path.relpath(output))
    said.append(
        _("{reports} and {gradebook} are written").format(
            reports=one_line(shown / "reports"), gradebook=one_line(shown / "gradebook.db")
        )
    )
    return said


def _void(result: ClassResult) -> list[str]:
    """A line for each void check, and not one for each student."""
    remarks = {
        remark.text: None for report in result.reports for remark in void_remarks(report.exercises)
    }
    return [one_line(text) for text in remarks]


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"


def _first_remark(report: Report) -> str:
    """The line that tells the most; it may quote the student's code."""
    if broken_checks(report):
        return _("a check broke on our side; see the report")
    void = set(void_remarks(report.exercises))  # told once for the class
    remarks = [remark for remark in report.remarks if remark not in void]
    if not remarks:
        return ""
    # Without long runs of spaces, which on a terminal would push the rest to a line of its own.
    text = " ".join(remarks[0].text.partition("\n")[0].split())
    cut = text if len(text) <= _SHOWN_OF_A_REMARK else text[:_SHOWN_OF_A_REMARK] + "…"
    return one_line(cut)


def as_text(table: Table) -> str:
    """A table as it looks here: in colour on a terminal, plain lines elsewhere."""
    terminal = Console()
    if terminal.is_terminal:
        with terminal.capture() as captured:
            terminal.print(table)
        return captured.get()
    plain = Console(file=io.StringIO(), width=100, color_system=None)
    with plain.capture() as captured:
        plain.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
