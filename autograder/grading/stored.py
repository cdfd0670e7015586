"""Reports on the disk: where they stand, read and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.report import Report, decode_report, encode_report


class UnreadableReportError(OperatorError):
    """There is a report that cannot be read: the score in it is not known."""


def report_path(output: Path, student: str, assignment: str) -> Path:
    """Where the report on a student's submission stands."""
    return output / "reports" / student / assignment / "report.json"


def pending_path(output: Path, student: str, assignment: str) -> Path:
    """Where a report with another score waits until the gradebook has it."""
    return report_path(output, student, assignment).with_name("report.pending.json")


def reported_students(output: Path, assignment: str, but: Collection[str] = ()) -> list[str]:
    """The students with a report on the disk, sorted, ``but`` for these. Raises OperatorError."""
    folder = output / "reports"
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(folder, str(error)) from error
    return [
        name
        for name in names
        if name not in but and report_path(output, name, assignment).is_file()
    ]


def read_report(output: Path, student: str, assignment: str) -> Report | None:
    """The report on the disk, None where there is none.

    Raises UnreadableReportError where there is one that cannot be read: the score in it is not
    known, and must not be lowered unseen.
    """
    path = report_path(output, student, assignment)
    try:
        return _read(path, student, assignment)
    except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
        raise _unreadable(path, str(error)) from error


def read_pending(output: Path, student: str, assignment: str) -> Report | None:
    """The report that waits, None where there is none to be read: then one is made again."""
    with contextlib.suppress(OSError, ValueError, RecursionError, msgspec.DecodeError):
        return _read(pending_path(output, student, assignment), student, assignment)
    return None


def write_report(output: Path, report: Report) -> None:
    """Write the report whole or not at all, and have it on the disk. Raises OperatorError."""
    _write(report_path(output, report.student, report.assignment), report)


def write_pending(output: Path, report: Report) -> None:
    """As `write_report`, beside the report that stands. Raises OperatorError."""
    _write(pending_path(output, report.student, report.assignment), report)


def settle_pending(output: Path, student: str, assignment: str) -> None:
    """Put the report that waits in the place of the one that stood. Raises OperatorError."""
    path = report_path(output, student, assignment)
    try:
        pending_path(output, student, assignment).replace(path)
    except OSError as error:
        raise _not_written(path, error) from error


def drop_pending(output: Path, student: str, assignment: str) -> None:
    """Remove what waits, if anything does: it is of files, or checks, that are no longer there."""
    with contextlib.suppress(OSError):
        pending_path(output, student, assignment).unlink()


def _read(path: Path, student: str, assignment: str) -> Report | None:
    try:
        report = decode_report(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    if (report.student, report.assignment) != (student, assignment):
        raise ValueError(
            _("it is about {student}, {assignment}").format(
                student=report.student, assignment=report.assignment
            )
        )
    return report


def _write(path: Path, report: Report) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_halves(path.parent)
        prefix = f".{os.getpid()}-"
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=prefix, delete=False) as file:
            try:
                file.write(encode_report(report))
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _not_written(path, error) from error


def _remove_halves(folder: Path) -> None:
    """Remove what a process that was killed had not written to the end; others may be writing."""
    for half in folder.glob(".*-*"):
        writer = half.name[1:].partition("-")[0]
        if writer.isdigit() and not Path("/proc", writer).exists():
            half.unlink(missing_ok=True)


def _not_written(path: Path, error: OSError) -> OperatorError:
    return OperatorError(
        _(
            "{path}: the report cannot be written: {why}\n  fix: free the disk or make the "
            "folder writable, then run the same command again"
        ).format(path=path, why=error.strerror)
    )


def set_aside(output: Path, student: str, assignment: str) -> Path:
    """Where a report that cannot be read lies now; nothing of it is lost. Raises OperatorError."""
    path = report_path(output, student, assignment)
    for number in range(1, 1000):
        aside = path.with_name(f"report.unreadable-{number}.json")
        if not aside.exists():
            break
    try:
        path.rename(aside)
    except OSError as error:
        raise _unreadable(path, str(error)) from error
    return aside


def _unreadable(path: Path, why: str) -> UnreadableReportError:
    return UnreadableReportError(
        _(
            "{path}: the report from before cannot be read: {why}\n  fix: put your backup of it "
            "there, or move it away and grade again (the score in it no longer counts then, but "
            "the gradebook's does)"
        ).format(path=path, why=why)
    )
