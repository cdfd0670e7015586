"""class/: the instructor's page of a class and its CSV, made anew where something changed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from autograder import escape
from autograder.grading.course import ClassResult
from autograder.grading.regrade import Change
from autograder.grading.stored import (
    UnreadableReportError,
    read_pending,
    read_report,
    reported_students,
)
from autograder.messages import _
from autograder.outputs.class_line import (
    Asked,
    Concern,
    Line,
    Trouble,
    line_of,
    with_troubles,
)
from autograder.outputs.pages import write_where_changed, write_whole
from autograder.report import Report
from autograder.spec import AssignmentSpec, Course
from autograder.submission import find_submissions


class ClassFolder:
    """Writes the page of one assignment's whole class, whoever of it is graded in this run.

    Where a course has several assignments each has a folder of its own in class/.
    """

    def __init__(self, course: Course, spec: AssignmentSpec, folder: Path, output: Path) -> None:
        self._spec = spec
        self._submitted = folder
        self._output = output
        several = len(course.assignments()) > 1
        self._up = "../../" if several else "../"
        self._folder = output / "class" / spec.name if several else output / "class"
        self._lines: dict[str, Line] = {}
        self._asked: dict[tuple[Asked, ...], tuple[Asked, ...]] = {}  # one of each, not thousands

    def add(self, report: Report) -> None:
        """A report of this run."""
        line = line_of(report, self._spec)
        asked = self._asked.setdefault(line.asked, line.asked)
        self._lines[report.student] = msgspec.structs.replace(line, asked=asked)

    def write(self, result: ClassResult, only: Sequence[str] = ()) -> Path:
        """Where the page is; one that says the same already is left alone, and so is its CSV.

        Who was not graded in this run is in it by the report on the disk.

        Args:
            result: What this run came to.
            only: The students that this run was about; all where none is named.

        Raises OperatorError where it cannot be written.
        """
        notices = [*find_submissions(self._submitted).quarantined, *result.notices]
        notices += self._add_the_rest()
        lines = tuple(self._with_troubles(result.changes))
        language = _("en")
        made_from = hashlib.sha256(language.encode())
        here = Path(__file__).parent
        for file in (*sorted(here.glob("class_*")), here / "template.py"):
            made_from.update(file.read_bytes())
        parts = (self._spec, self._up, only, notices, lines)
        made_from.update(msgspec.json.encode(parts))
        page, table = self._folder / "index.html", self._folder / "class.csv"

        def make() -> str:
            from autograder.outputs.class_page import class_page
            from autograder.outputs.class_table import class_csv
            from autograder.outputs.class_view import ClassView

            view = ClassView(self._spec, lines, tuple(notices), tuple(only), self._up)
            made = class_page(view, language)
            write_whole(table, class_csv(lines, self._spec))
            return made

        if not table.exists():  # both are made again
            with contextlib.suppress(OSError):
                page.unlink()
        return write_where_changed(page, made_from.hexdigest(), make)

    def _add_the_rest(self) -> list[str]:
        """Add who has a report from before; a notice for each that cannot be read."""
        notices = []
        for student in reported_students(self._output, self._spec.name, but=self._lines.keys()):
            try:
                report = read_report(self._output, student, self._spec.name)
            except UnreadableReportError as error:
                notices.append(str(error))
                continue
            if report is not None:
                self.add(report)
        return notices

    def _with_troubles(self, changes: Sequence[Change]) -> Iterator[Line]:
        """The lines by student, with what is not in a student's report."""
        is_known = any(line.submitted_at for line in self._lines.values())
        older = {one.student: one for one in changes if one.kept and one.now is None}
        for student in sorted(self._lines):
            line = self._lines[student]
            found = []
            if change := older.get(student):
                found.append(_why_older(change))
            if line.score is not None and (lower := self._lower(student, line.score)) is not None:
                text = _(
                    "{now} in the place of {before}: `autograder grade --student {student} "
                    "--allow-lower` takes it"
                ).format(now=lower, before=line.score, student=escape.one_line(student))
                found.append(Trouble(Concern.WAITING, text))
            # Where nobody's is known, files are collected in another way, and it is no news.
            if is_known and line.submitted_at is None and line.file is not None:
                text = _("no timestamp.txt says when")
                found.append(Trouble(Concern.TIME, text))
            yield with_troubles(line, *found)

    def _lower(self, student: str, score: int) -> int | None:
        """The lower score that waits beside the report, if any does."""
        pending = read_pending(self._output, student, self._spec.name)
        lower = None if pending is None else pending.score
        return lower if lower is not None and lower < score else None


def _why_older(change: Change) -> Trouble:
    if change.broken:
        text = _("a check broke on our side: {checks}").format(checks=", ".join(change.broken))
    else:
        text = change.why or _("nothing could be graded")
    return Trouble(Concern.OLDER, text)
