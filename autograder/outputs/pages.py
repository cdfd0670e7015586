"""pages/: what students and the instructor look at, one file each, made anew where it changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _
from autograder.outputs.student_page import TEMPLATE, student_page
from autograder.report import Report, student_view
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
        for name in (TEMPLATE, "student_page.py", "pictures.py", "curves.py"):
            made_by.update((here / name).read_bytes())
        self._made_by = made_by

    def write(self, report: Report) -> Path:
        """Where the page on ``report`` is; one that says the same already is left alone.

        Raises OperatorError where it cannot be written.
        """
        view = student_view(report, self._after_due)
        made_from = self._made_by.copy()
        made_from.update(f"{_('en')} {self._after_due}".encode() + msgspec.json.encode(view))
        stamp = f"<!-- {made_from.hexdigest()} -->\n".encode()
        path = self._output / "pages" / report.student / report.assignment / "index.html"
        try:
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(-len(stamp), os.SEEK_END)
                if file.read() == stamp:
                    return path
            path.parent.mkdir(parents=True, exist_ok=True)
            page = student_page(view, self._spec, _("en"), self._after_due).encode() + stamp
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as half:
                half.write(page)
            Path(half.name).replace(path)
        except OSError as error:
            raise OperatorError(
                _(
                    "{path}: the page cannot be written: {why}\n  fix: free the disk or make the "
                    "folder writable, then run the same command again"
                ).format(path=escape.one_line(path), why=error.strerror)
            ) from error
        return path
