"""Grade a class: find the submissions, grade what is new, put each report on disk and count it."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.grading.regrade import Change, Changes
from autograder.grading.run import Options, Run, Step, Write
from autograder.grading.shard import Shard
from autograder.grading.stored import report_path, reported_students
from autograder.grading.workers import Graders
from autograder.messages import _, ngettext
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import Found, find_submissions

_ALL = Options()
_NEAREST = 3  # names told for each that is not there
_ALIKE = 0.6  # difflib's own measure
_SHOWN_GONE = 10  # names; a class graded from another folder would be thousands


class ClassResult(msgspec.Struct, frozen=True):
    """What grading a folder came to.

    ``reports`` are those that stand, sorted by student, with no other checks than those that broke
    or are void: a class has ten thousand, and the rest is on the disk.
    """

    reports: tuple[Report, ...]
    quarantined: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    graded: int = 0  # submissions
    unchanged: int = 0  # submissions whose report was there already
    seconds: float = 0.0  # wall time
    notices: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in came to a score."""
        return (
            not self.quarantined
            and all(report.score is not None for report in self.reports)
            and all(change.now is not None for change in self.changes)
        )


def grade_class(
    course: Course,
    assignment: str,
    folder: Path,
    output: Path,
    graders: Graders,
    options: Options = _ALL,
    *,
    write: Write = lambda reports, resubmitted: None,
    progress: Callable[[Step], None] = lambda step: None,
    changes: Changes = lambda changes: None,
) -> ClassResult:
    """Grade every submission of ``assignment`` below ``folder``, or those that ``options`` name.

    What was graded already, with the same code, checks, grader and secret, is not graded again;
    lateness is made anew. A report is on disk, whole, before it counts, and ``write`` gets it after
    that, so a run that is killed at any moment is finished by the same command. Where its score is
    another one than that of the report on the disk, it waits beside that until all are graded, and
    ``changes`` is told of it before anything counts.

    Raises:
        OperatorError: The folder, or a student named, is not there; a report cannot be written.
        AuthorError: The assignment or its checks are wrong.
        SandboxError: Student code cannot be isolated here.
    """
    start = time.monotonic()
    found = find_submissions(folder)
    named, shard = options.students, options.shard
    if unknown := sorted(set(named) - set(found.students)):
        raise _no_student(folder, unknown, found.students)
    chosen = _chosen(found.students, options)
    run = Run(course, assignment, folder, output, options, len(chosen), write, progress)
    run.grade(chosen, graders)
    run.settle_changes(changes)
    return ClassResult(
        tuple(sorted(run.standing, key=lambda report: report.student)),
        found.quarantined if not named else (),
        tuple(sorted(run.changes, key=lambda change: change.student)),
        run.graded,
        run.unchanged,
        time.monotonic() - start,
        (*run.notices, *(() if named else _gone(folder, output, assignment, found, shard))),
    )


def _no_student(folder: Path, unknown: Sequence[str], known: Sequence[str]) -> OperatorError:
    """Of a class that may be large: the nearest names, in whatever capitals, and how many."""
    names = {name.casefold(): name for name in known}
    alike: dict[str, None] = {}
    for name in unknown:
        near = difflib.get_close_matches(name.casefold(), names, _NEAREST, _ALIKE)
        alike |= dict.fromkeys(names[one] for one in near)
    if alike:
        fix = _("did you mean {names}?").format(names=", ".join(alike))
    elif known:
        fix = _("a folder's name in {folder}, such as {name}").format(folder=folder, name=known[0])
    else:
        fix = _("lay files out as <student>/<assignment>/")
    count = ngettext("{count} student", "{count} students", len(known)).format(count=len(known))
    return OperatorError(
        _("{folder}: there is no student {names} among {count}\n  fix: {fix}").format(
            folder=folder, names=", ".join(unknown), count=count, fix=fix
        )
    )


def _gone(
    folder: Path, output: Path, assignment: str, found: Found, shard: Shard | None
) -> list[str]:
    """A notice where students have a report and no folder any more; nothing of theirs is lost."""
    students = [
        student
        for student in reported_students(output, assignment, but=set(found.students))
        if (shard is None or shard.holds(student)) and not os.path.lexists(folder / student)
    ]
    if not students:
        return []
    names = ", ".join(students[:_SHOWN_GONE])
    if len(students) > _SHOWN_GONE:
        names = _("{names} and {count} more").format(names=names, count=len(students) - _SHOWN_GONE)
    text = ngettext(
        "{names}: has a report, and no folder in {folder} any more; report and gradebook keep the "
        "score\n  fix: put the folder back; where the student left the course, move {reports} away "
        "and run: nbgrader db student remove NAME --force",
        "{names}: have reports, and no folders in {folder} any more; reports and gradebook keep "
        "the scores\n  fix: put the folders back; where students left the course, move theirs in "
        "{reports} away and run for each: nbgrader db student remove NAME --force",
        len(students),
    )
    reports = output / "reports"
    if len(students) == 1:
        reports /= students[0]
    return [text.format(names=names, folder=folder, reports=reports)]


def without_report(
    assignment: str, folder: Path, output: Path, options: Options = _ALL
) -> list[str]:
    """Whom `grade_class` has to grade, as far as that is seen without reading a file: all who
    have no report yet, and with ``force`` everybody.

    Raises OperatorError where there is no such folder.
    """
    return [
        student
        for student in _chosen(find_submissions(folder).students, options)
        if options.force or not report_path(output, student, assignment).exists()
    ]


def _chosen(students: Sequence[str], options: Options) -> list[str]:
    named, shard = options.students, options.shard
    return [
        student
        for student in students
        if (not named or student in named) and (shard is None or shard.holds(student))
    ]
