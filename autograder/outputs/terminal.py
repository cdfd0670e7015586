"""A class on the terminal: progress while it is graded, a table at the end."""

from __future__ import annotations

import io
import os
import sys
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
from autograder.messages import _, ngettext
from autograder.report import Report
from autograder.spec import AssignmentSpec

_PLAIN_EVERY = 50  # submissions between two lines where there is no terminal
_SHOWN_OF_A_REMARK = 200  # characters; a longer one is in the report


class ClassProgress:
    """A bar with an ETA on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
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
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, completed=done, total=total, description=one_line(report.student)
            )
        elif done % _PLAIN_EVERY == 0:
            print(
                _("{done} of {total} graded").format(done=done, total=total),
                file=sys.stderr,
                flush=True,
            )


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
    said += [_("not graded: {what}").format(what=what) for what in (*ungraded, *set_aside)]
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


def _score(score: int | None) -> str:
    return "–" if score is None else str(score)


def _first_remark(report: Report) -> str:
    """The line that tells the most; it may quote the student's code."""
    checks = [check for exercise in report.exercises for check in exercise.checks]
    if any(check.outcome.value == "errored" for check in checks):
        return _("a check broke on our side; see the report")
    if not report.remarks:
        return ""
    # Without long runs of spaces, which on a terminal would push the rest to a line of its own.
    text = " ".join(report.remarks[0].text.partition("\n")[0].split())
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
