"""Canvas and Moodle: one column of their own CSV filled in, all else left as it is."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _, ngettext
from autograder.outputs.exports.model import Export, Exported, points_text, sorted_out

_BOM = "\ufeff"
_CANVAS_NAMES = ("SIS Login ID", "SIS User ID", "ID")  # of columns that say who it is
_MOODLE_NAMES = ("Email address", "ID number", "Username")
_CANVAS_ID = re.compile(r" \(\d+\)$")
_MOODLE_GRADE = re.compile(r"^[^:]{1,40}:|\s*\((?:Real|Points?)\)$")  # "Assignment: …", "… (Real)"
_MOST_BYTES = 64 * 2**20


class PlatformCsv(msgspec.Struct):
    """A CSV file that a platform wrote: its head, its rows, and whether it began with a mark."""

    name: str
    head: list[str]
    rows: list[list[str]]
    marked: bool  # UTF-8 with a byte order mark, as Canvas and Excel write it

    def encoded(self) -> bytes:
        """The file again. Its own cells are not changed: the platform has to know them again."""
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator="\r\n").writerows([self.head, *self.rows])
        return ((_BOM if self.marked else "") + file.getvalue()).encode()


def read_platform_csv(name: str, data: bytes) -> PlatformCsv:
    """The CSV file ``data``, called ``name``. Raises OperatorError where it is none."""
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(_("it is too large"))
        text = data.decode()
        rows = list(csv.reader(io.StringIO(text.removeprefix(_BOM), newline="")))
    except (ValueError, csv.Error) as error:
        raise _unreadable(name, str(error)) from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise _unreadable(name, _("it is empty"))
    head = rows[0]
    if len(head) != len({cell.strip() for cell in head}):
        raise _unreadable(name, _("two columns have the same name"))
    if any(len(row) > len(head) for row in rows):
        raise _unreadable(name, _("a row is longer than the first one"))
    return PlatformCsv(
        name, head, [row + [""] * (len(head) - len(row)) for row in rows[1:]], text.startswith(_BOM)
    )


def canvas(exported: tuple[Exported, ...], roster: PlatformCsv, column: str | None) -> Export:
    """``grades.csv``: the gradebook that Canvas exported, with the scores in one column.

    Args:
        exported: The class.
        roster: Canvas's own export, whose ids Canvas knows again.
        column: Its column, with or without the number behind it; by default that of the
            assignment's name or title.
    """
    at = _column(roster, column, exported, _CANVAS_ID)
    id_at = [roster.head.index(name) for name in _CANVAS_NAMES if name in roster.head]
    if not id_at:
        raise _unreadable(roster.name, _("none of these columns is there: ID, SIS Login ID"))
    notes = []
    rows = []
    for row in roster.rows:
        if row[0].strip() == "Points Possible":
            notes += _other_maximum(exported, row[at])
        elif any(row[place].strip() for place in id_at):
            rows.append(row)
    return _filled(exported, roster, rows, id_at, at, "grades.csv", notes)


def moodle(
    exported: tuple[Exported, ...], roster: PlatformCsv | None, column: str | None
) -> Export:
    """``grades.csv`` for Moodle's grade import, which asks what each column stands for.

    ``roster`` is a grades export or a list of participants of Moodle's; a column that it does not
    have is added. Without one there is a column of names, one of e-mail addresses and the grades.
    """
    if roster is None:
        return _moodle_of_ours(exported, column)
    id_at = [
        number
        for number, head in enumerate(roster.head)
        if head.strip().lower() in {name.lower() for name in _MOODLE_NAMES}
    ]
    if not id_at:
        raise _unreadable(
            roster.name, _("none of these columns is there: Email address, ID number, Username")
        )
    try:
        at = _column(roster, column, exported, _MOODLE_GRADE)
    except OperatorError:
        roster.head.append(column or _title(exported))
        for row in roster.rows:
            row.append("")
        at = len(roster.head) - 1
    return _filled(exported, roster, roster.rows, id_at, at, "grades.csv", [])


def _filled(
    exported: tuple[Exported, ...],
    roster: PlatformCsv,
    rows: Sequence[list[str]],
    id_at: Sequence[int],
    at: int,
    path: str,
    notes: Sequence[str],
) -> Export:
    """``roster`` with the scores in column ``at``; whoever cannot be matched is told."""
    graded, needed, missing = sorted_out(exported)
    wanted, told = list(needed), [*notes, *missing]
    found = _matched(graded, rows, id_at)
    claims = Counter(number for numbers in found.values() for number in numbers)
    filled = 0
    for one in graded:
        numbers = found[one.student]
        if len(numbers) == 1 and claims[min(numbers)] == 1:
            rows[min(numbers)][at] = points_text(one.score)
            filled += 1
            continue
        said = _(
            "{student}: no row of {roster} is this student's: {score} points are in no file\n"
            "  fix: write the name of the student's folder into that row's login or id number, or "
            "put the points in by hand"
        )
        if numbers:
            said = _(
                "{student}: it cannot be told which row of {roster} is this student's: {score} "
                "points are in no file\n  fix: one row with the name of the student's folder, and "
                "one student in nbgrader's roster with that e-mail address"
            )
        wanted.append(
            said.format(
                student=escape.one_line(one.student),
                roster=escape.one_line(roster.name),
                score=points_text(one.score),
            )
        )
    if left := len(rows) - filled:
        told.append(
            ngettext(
                "{count} row of {roster} is left as it is: no score is known for it",
                "{count} rows of {roster} are left as they are: no score is known for them",
                left,
            ).format(count=left, roster=escape.one_line(roster.name))
        )
    return Export(files={path: roster.encoded()}, needed=tuple(wanted), notes=tuple(told))


def _matched(
    graded: Sequence[Exported], rows: Sequence[list[str]], id_at: Sequence[int]
) -> dict[str, set[int]]:
    """The rows that may be each student's: by the name of the folder, or the e-mail address."""
    row_of = _rows_by_name(rows, id_at)
    return {
        one.student: {
            number
            for name in (one.student, one.email)
            if name
            for number in row_of.get(name.strip().casefold(), ())
        }
        for one in graded
    }


def _rows_by_name(rows: Sequence[list[str]], id_at: Sequence[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        for place in id_at:
            if name := row[place].strip().casefold():
                found.setdefault(name, set()).add(number)
    return found


def _column(
    roster: PlatformCsv, column: str | None, exported: tuple[Exported, ...], around: re.Pattern[str]
) -> int:
    """The place of the one column to be filled. Raises OperatorError where it is not one."""
    names = [column] if column else [*{one.title for one in exported}, *_assignments(exported)]

    def is_meant(plain: Callable[[str], str]) -> list[int]:
        wanted = {plain(name).casefold() for name in names}
        return [at for at, head in enumerate(roster.head) if plain(head).casefold() in wanted]

    found = is_meant(str.strip) or is_meant(lambda head: around.sub("", head.strip()).strip())
    if len(found) == 1:
        return found[0]
    raise OperatorError(
        _("{file}: {count} columns are called {names}\n  fix: --column, one of {heads}").format(
            file=roster.name,
            count=len(found),
            names=", ".join(sorted(names)),
            heads=", ".join(roster.head),
        )
    )


def _assignments(exported: tuple[Exported, ...]) -> set[str]:
    return {one.assignment for one in exported}


def _title(exported: tuple[Exported, ...]) -> str:
    return next((one.title for one in exported), _("grade"))


def _other_maximum(exported: tuple[Exported, ...], possible: str) -> list[str]:
    """A note where the platform has other points for the whole."""
    ours = next((one.max_score for one in exported), None)
    try:
        theirs = float(possible)
    except ValueError:
        return []
    if ours is None or theirs == ours:
        return []
    return [
        _(
            "Canvas has {theirs} points possible and these grades are of {ours}: it takes them as "
            "they are\n  fix: set the assignment's points in Canvas to {ours}"
        ).format(theirs=points_text(theirs), ours=points_text(ours))
    ]


def _moodle_of_ours(exported: tuple[Exported, ...], column: str | None) -> Export:
    graded, needed, missing = sorted_out(exported)
    wanted = list(needed)
    rows: list[list[object]] = [
        ["ID number", "Email address", escape.one_line(column or _title(exported))]
    ]
    for one in graded:
        # Who was collected by a grading worksheet of Moodle's is called by the address.
        email = one.email or (one.student if "@" in one.student else "")
        for name in dict.fromkeys((one.student, email)):
            if name and escape.csv_cell(name) != name:
                wanted.append(
                    _(
                        "{name}: would be a formula to a spreadsheet, and stands in the file with "
                        "an apostrophe, by which Moodle does not know it\n  fix: --roster FILE, a "
                        "grades export of Moodle's"
                    ).format(name=escape.one_line(name))
                )
        rows.append([one.student, email, points_text(one.score)])
    data = escape.csv_rows(rows).encode()
    return Export(files={"grades.csv": data}, needed=tuple(wanted), notes=missing)


def _unreadable(name: str, why: str) -> OperatorError:
    return OperatorError(
        _(
            "--roster {file}: cannot be read: {why}\n  fix: the CSV file as the platform exported "
            "it, in UTF-8 with commas"
        ).format(file=name, why=why)
    )
