"""A roster's CSV as rows and the meaning of its columns, whatever spreadsheet wrote it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _

_MAX_BYTES = 16 * 2**20
_MAX_ROWS = 100_000
_DELIMITERS = ",;\t"
_COLUMNS = {
    "identifier": "identifier", "github_username": "username", "github username": "username",
    "github_id": "github_id", "username": "login", "sis login id": "login", "login id": "login",
    "name": "name", "student": "name", "full name": "name", "student name": "name",
    "first name": "first", "first_name": "first", "firstname": "first",
    "last name": "last", "last_name": "last", "lastname": "last", "surname": "last",
    "last name / surname": "last", "surname / last name": "last",
    "email": "email", "email address": "email", "e-mail": "email", "e-mail address": "email",
    "sid": "sid", "student id": "sid", "student_id": "sid", "id number": "sid",
    "idnumber": "sid", "sis user id": "sid", "id": "canvas",
}  # fmt: skip
# What no two people share.
STRONG = ("identifier", "username", "login", "sid", "email", "canvas", "github_id", "moodle")


def roster_table(path: Path) -> tuple[list[list[str]], list[str | None]]:
    """The rows below the header, without blank ones, and what each column is.

    Raises OperatorError where it is no roster that we know.
    """
    text = _text(path)
    known: list[str | None] = []
    for delimiter in _DELIMITERS:
        rows = _rows(path, text, delimiter)
        head = next(iter(rows), [])
        known = _known(path, head)
        if any(column in (*STRONG, "name", "last") for column in known):
            break
    else:
        raise OperatorError(
            _(
                "{path}: is no roster that we know: its first row is {head}\n  fix: export it "
                "from GitHub Classroom, Classroom 50, Canvas, Moodle or Gradescope, or give it "
                "the columns identifier,github_username,name"
            ).format(path=escape.one_line(path), head=escape.one_line(text[:80].partition("\n")[0]))
        )
    # Canvas has a row with the most points of each assignment below the header.
    people = [row for row in rows[1:] if row[0].strip() != "Points Possible"]
    if len(people) > _MAX_ROWS:
        raise OperatorError(
            _("{path}: has more than {limit} rows\n  fix: split it").format(
                path=escape.one_line(path), limit=_MAX_ROWS
            )
        )
    return people, known


def _known(path: Path, head: list[str]) -> list[str | None]:
    names = [" ".join(cell.split()).casefold() for cell in head]
    columns = [_COLUMNS.get(name) for name in names]
    if "github_id" in names and "github_username" not in names:  # Classroom 50's
        columns = [
            "username" if name == "username" else c for name, c in zip(names, columns, strict=True)
        ]
    if not {"sis login id", "sis user id", "student"} & set(names):
        columns = [None if column == "canvas" else column for column in columns]
    for column, count in Counter(c for c in columns if c).items():
        if count > 1 and column in STRONG:
            raise OperatorError(
                _("{path}: has two columns for the same: {names}\n  fix: take one away").format(
                    path=escape.one_line(path),
                    names=", ".join(
                        escape.one_line(cell)
                        for cell, c in zip(head, columns, strict=True)
                        if c == column
                    ),
                )
            )
    return columns


def _rows(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        # Not skipinitialspace: a quote after a space is a part of the cell to every platform.
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if delimiter != _DELIMITERS[-1]:
            return []
        raise OperatorError(
            _("{path}: is no CSV: {error}\n  fix: export it again").format(
                path=escape.one_line(path), error=error
            )
        ) from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise OperatorError(
            _("{path}: {why}\n  fix: name the roster's CSV").format(
                path=escape.one_line(path), why=error.strerror
            )
        ) from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise OperatorError(
            _(
                "{path}: is not UTF-8, so that names would be misread\n  fix: save it as “CSV "
                "UTF-8” in the spreadsheet"
            ).format(path=escape.one_line(path))
        ) from error
    if "\0" in text or len(data) > _MAX_BYTES:
        raise OperatorError(
            _("{path}: is no text, or too large for a roster\n  fix: name the roster's CSV").format(
                path=escape.one_line(path)
            )
        )
    return text
