"""pages/: what students look at, one file each, made anew where it changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _
from autograder.outputs.student_page import TEMPLATE, student_page
from autograder.report import Report, StudentView, student_view, without_pictures
from autograder.spec import AssignmentSpec


class Pages:
    """Writes the students' pages of one assignment into ``output/pages``.

    ``after_due``: with what the assignment lets be shown of hidden checks after the due date.
    """

    def __init__(self, spec: AssignmentSpec, output: Path, after_due: bool = False) -> None:
        self._spec = spec
        self._output = output
        self._after_due = after_due
        here = Path(__file__).parent
        made_by = hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(spec, void=())))
        parts = ("student_page.py", "told.py", "pictures.py", "curves.py", "template.py")
        for name in (TEMPLATE, *parts):
            made_by.update((here / name).read_bytes())
        self._made_by = made_by

    def write(self, report: Report) -> Path:
        """Where the page on ``report`` is; one that says the same already is left alone.

        Raises OperatorError where it cannot be written.
        """
        view = student_view(report, self._after_due)
        made_from = self._made_by.copy()
        made_from.update(f"{_('en')} {self._after_due}".encode() + msgspec.json.encode(view))
        path = self._output / "pages" / report.student / report.assignment / "index.html"
        return write_where_changed(
            path,
            made_from.hexdigest(),
            lambda: self._page(view),
        )

    def _page(self, view: StudentView) -> str:
        """With pictures; without them where one cannot be drawn: no student's may stop a class."""
        try:
            return student_page(view, self._spec, _("en"), self._after_due)
        except Exception:
            return student_page(without_pictures(view), self._spec, _("en"), self._after_due)


def write_where_changed(path: Path, made_from: str, make: Callable[[], str]) -> Path:
    """``path``, with the page that ``make`` makes; one made of the same is left alone.

    Args:
        path: Of the page.
        made_from: A hash of all that the page depends on, which it ends with.
        make: The page as HTML.

    Raises OperatorError where it cannot be written.
    """
    stamp = f"<!-- {made_from} -->\n".encode()
    try:
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - len(stamp)))
            if file.read() == stamp:
                return path
        write_whole(path, make().encode() + stamp)
    except OSError as error:
        raise OperatorError(
            _(
                "{path}: the page cannot be written: {why}\n  fix: free the disk or make the "
                "folder writable, then run the same command again"
            ).format(path=escape.one_line(path), why=error.strerror)
        ) from error
    return path


def write_whole(path: Path, data: bytes) -> None:
    """``data`` at ``path``, all of it or nothing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as half:
        half.write(data)
    Path(half.name).replace(path)
