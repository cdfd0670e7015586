"""A class on the terminal when it is graded: a table, and what has to be said of it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.escape import lines, one_line, rich_text
from autograder.grading.course import ClassResult
from autograder.grading.void import void_remarks
from autograder.messages import _, ngettext
from autograder.outputs.progress import score, why_no_score
from autograder.outputs.wrap import for_stream
from autograder.report import Report
from autograder.spec import AssignmentSpec

_SHOWN_OF_A_REMARK = 200  # characters; a longer one is in the report


def class_table(
    spec: AssignmentSpec,
    result: ClassResult,
    output: Path,
    gradebook: str | None = "gradebook.db",
    page: Path | None = None,
) -> str:
    """The class as a table; below it what could not be graded, remarks, and where everything is."""
    title = rich_text(spec.title)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    table.add_column(_("student"))
    for exercise in spec.exercises:
        header = one_line(exercise.name).replace("-", "-\n") + f"\n{exercise.points}"
        table.add_column(Text(header), justify="right", vertical="bottom", no_wrap=True)
    table.add_column(_("score") + f"\n{spec.points}", justify="right", style="bold")
    for report in result.reports:
        cells = [score(exercise.score) for exercise in report.exercises]
        table.add_row(rich_text(report.student), *cells, score(report.score))
    closing = "\n".join(_closing(result, output, gradebook, page))
    return as_text(table) + for_stream(closing, sys.stdout)


def _closing(
    result: ClassResult, output: Path, gradebook: str | None, page: Path | None
) -> list[str]:
    """What somebody has to act on, what points were given or taken, remarks, and an end."""
    ungraded = [
        f"{one_line(report.student)}: {_shown(why_no_score(report))}"
        for report in result.reports
        if report.score is None
    ]
    set_aside = [lines(sentence) for sentence in result.quarantined]
    ungraded += [
        _("{student}: {why}; the score from before stays").format(
            student=one_line(change.student),
            why=one_line(change.why) or _("a check broke on our side"),
        )
        for change in result.changes
        if change.kept and change.now is None
    ]
    to_mend = [_("not graded: {what}").format(what=what) for what in (*ungraded, *set_aside)]
    to_mend += [lines(notice) for notice in result.notices]
    points = _void(result)
    points += [_late(report) for report in result.reports if report.late_penalty]
    points += [
        _(
            "{student}: handed in again after the deadline; the version from before it counts"
        ).format(student=one_line(report.student))
        for report in result.reports
        if report.submission.on_time_version
    ]
    remarks = [
        f"{one_line(report.student)}: {remark}"
        for report in result.reports
        if report.score is not None and (remark := _first_remark(report))
    ]
    if remarks:
        remarks.insert(0, _("remarks:"))
    said = [line for block in (to_mend, points, remarks) if block for line in (*block, "")]
    said.append(_counted(result))
    layers = [report.provenance.sandbox_layers for report in result.reports]
    if any(one and "bubblewrap" not in one for one in layers):
        said.append(_("isolated without bubblewrap; `autograder doctor` tells what is lost"))
    shown = Path(os.path.relpath(output))
    reports, at = one_line(shown / "reports"), one_line(shown / (gradebook or ""))
    if gradebook is None:
        said.append(_("{reports} is written, and no gradebook").format(reports=reports))
    else:
        said.append(
            _("{reports} and {gradebook} are written").format(reports=reports, gradebook=at)
        )
        if page is not None:
            said.append(_("the class, check by check: {page}").format(page=_relative(page)))
        said.append(_("these are automatic results; `nbgrader export` writes the final grades"))
    return said


def _relative(path: Path) -> str:
    return one_line(os.path.relpath(path))


def _late(report: Report) -> str:
    days, hours = divmod(round(report.submission.late_seconds / 3600), 24)
    return _("{student}: {days} d {hours} h late: {points:g} of {score} points taken off").format(
        student=one_line(report.student),
        days=days,
        hours=hours,
        points=report.late_penalty,
        score=report.score,
    )


def _counted(result: ClassResult) -> str:
    said = []
    if result.graded or not result.unchanged:
        text = ngettext(
            "{count} submission graded in {seconds:.1f} s",
            "{count} submissions graded in {seconds:.1f} s",
            result.graded,
        )
        said.append(text.format(count=result.graded, seconds=result.seconds))
    if result.unchanged:
        text = ngettext(
            "{count} unchanged since it was graded (--force grades it again)",
            "{count} unchanged since they were graded (--force grades them again)",
            result.unchanged,
        )
        said.append(text.format(count=result.unchanged))
    if without := sum(report.score is None for report in result.reports):
        said.append(_("{count} without a score").format(count=without))
    return "; ".join(said)


def _void(result: ClassResult) -> list[str]:
    """A line for each void check, and not one for each student."""
    remarks = {
        remark.text: None for report in result.reports for remark in void_remarks(report.exercises)
    }
    return [one_line(text) for text in remarks]


def _first_remark(report: Report) -> str:
    """The line that tells the most; it may quote the student's code."""
    void = set(void_remarks(report.exercises))  # told once for the class
    remarks = [remark for remark in report.remarks if remark not in void]
    return _shown(remarks[0].text) if remarks else ""


def _shown(text: str) -> str:
    """As much of ``text`` as there is room for in a line."""
    # Without long runs of spaces, which on a terminal would push the rest to a line of its own.
    text = " ".join(text.partition("\n")[0].split())
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
