"""The class, from the CSV that a platform gives: who there is, and the folder each one gets.

The folder's name is the first of these that can be a student's (`is_student_id`) and that nobody
else of the class has, capitals aside: identifier, login, student number, GitHub username, e-mail
address, the platform's own number, the name with hyphens for what cannot stand in a folder's name.
Where two people would have one and the same, neither gets it, so that the order of the rows does
not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import msgspec

from autograder.classroom.collecting.roster_table import STRONG, roster_table
from autograder.messages import _
from autograder.submission.submissions import is_student_id

_ID_ORDER = ("identifier", "login", "sid", "username", "email", "canvas", "moodle")
_PARTICIPANT = re.compile(r"\D+ (\d+)")  # Moodle's grading worksheet, in any language


class Person(msgspec.Struct, frozen=True):
    """One of the class. ``fields`` are by the names on the right in `roster_table`, none empty."""

    row: int  # its line among those that are not blank; the header is 1
    student: str  # the folder's name
    fields: dict[str, str]
    names: frozenset[str]

    @property
    def shown(self) -> str:
        """For people."""
        return self.fields.get("name") or self.student


class Row(msgspec.Struct, frozen=True):
    """A row that is no further person, and why."""

    row: int
    shown: str
    why: str


class Roster(msgspec.Struct, frozen=True):
    """The class; ``rows`` = people + duplicates + refused."""

    rows: int
    people: tuple[Person, ...]
    duplicates: tuple[Row, ...]
    refused: tuple[Row, ...]


def normal(text: str) -> str:
    """``text`` as it is compared: capitals, spaces and Unicode forms aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def letters(text: str) -> str:
    """``text`` without what stands between its letters and digits, as Canvas writes names."""
    return "".join(c for c in normal(text) if c.isalnum())


def as_folder_name(text: str) -> str:
    """``text`` with a hyphen for each run of what cannot stand in a student's folder's name."""
    return re.sub(r"[^\w.@]+", "-", unicodedata.normalize("NFKC", text)).strip("-_.@")[:64]


def read_roster(path: Path) -> Roster:
    """The class in the CSV at ``path``. Raises OperatorError where it is none that we know."""
    table, columns = roster_table(path)
    fields: list[tuple[int, dict[str, str]]] = []
    refused: list[Row] = []
    for number, cells in enumerate(table, start=2):
        one = {
            column: value
            for column, cell in zip(columns, cells, strict=False)
            if column and (value := _cell(column, cell))
        }
        shown = one.get("name") or " ".join(
            one[key] for key in ("first", "last", *STRONG) if key in one
        )
        if any(cell.strip() for cell in cells[len(columns) :]):
            why = _("has more cells than the header: a comma without quotes?")
            refused.append(Row(number, shown, why))
        elif not any(key in one for key in (*STRONG, "name", "first", "last")):
            refused.append(Row(number, " ".join(cells), _("names nobody")))
        else:
            fields.append((number, _named(one)))
    merged, duplicates = _merged(fields)
    people, without = _with_ids(merged)
    return Roster(
        len(table), tuple(people), tuple(duplicates), tuple(sorted(refused + without, key=_row))
    )


def _row(row: Row) -> int:
    return row.row


def _cell(column: str, cell: str) -> str:
    text = " ".join(cell.split())
    if column == "username":
        text = re.sub(r"(?i)^(?:https?://)?(?:www\.)?github\.com/|^@|/$", "", text)
    return text


def _named(one: dict[str, str]) -> dict[str, str]:
    if (found := _PARTICIPANT.fullmatch(one.get("identifier", ""))) is not None:
        one["moodle"] = found[1]
        del one["identifier"]
    if "name" not in one and ("first" in one or "last" in one):
        one["name"] = " ".join(one[key] for key in ("first", "last") if key in one)
    return one


def _names(one: dict[str, str]) -> frozenset[str]:
    """Every way a platform may write the name."""
    whole = normal(one.get("name", ""))
    orders = [whole]
    if "," in whole:
        last, _comma, first = whole.partition(",")
        orders += [f"{first.strip()} {last.strip()}", f"{last.strip()} {first.strip()}"]
    if "first" in one and "last" in one:
        first, last = normal(one["first"]), normal(one["last"])
        orders += [f"{first} {last}", f"{last} {first}"]
    return frozenset(text for name in orders for text in (name, letters(name)) if text)


def _merged(rows: list[tuple[int, dict[str, str]]]) -> tuple[list[Person], list[Row]]:
    """One person for rows that share a key and contradict one another in none."""
    people: list[Person] = []
    duplicates: list[Row] = []
    index: dict[tuple[str, str], list[int]] = {}
    for number, one in rows:
        sharing = {
            position
            for key in STRONG
            if key in one
            for position in index.get((key, normal(one[key])), ())
            if _agree(people[position], one)
        }
        if len(sharing) == 1:
            position = sharing.pop()
            first = people[position]
            shown = one.get("name") or first.shown
            duplicates.append(Row(number, shown, _("is row {row} again").format(row=first.row)))
            both = {**one, **first.fields}
            people[position] = Person(first.row, "", both, first.names | _names(one))
        else:
            position = len(people)
            people.append(Person(number, "", one, _names(one)))
        for key in STRONG:
            if key in one:
                index.setdefault((key, normal(one[key])), []).append(position)
    return people, duplicates


def _agree(person: Person, other: dict[str, str]) -> bool:
    both = person.fields.keys() & other.keys() & set(STRONG)
    if both == {"email"}:  # a family's, or the class's: no two other names are one person
        words = [set(normal(one.get("name", "")).split()) for one in (person.fields, other)]
        if all(words) and words[0].isdisjoint(words[1]):
            return False
    return all(normal(person.fields[key]) == normal(other[key]) for key in both)


def _with_ids(people: list[Person]) -> tuple[list[Person], list[Row]]:
    """Each with its folder's name; a row for each that gets none."""
    left = {position: _id_candidates(one) for position, one in enumerate(people)}
    taken: set[str] = set()
    chosen: dict[int, str] = {}
    while any(left.values()):
        proposed = {position: names[0] for position, names in left.items() if names}
        often = Counter(name.casefold() for name in proposed.values())
        for position, name in proposed.items():
            if often[name.casefold()] == 1 and name.casefold() not in taken:
                chosen[position] = name
                left[position] = []
            else:
                left[position] = left[position][1:]
        taken |= often.keys()  # nobody gets later what two would have had
    named = [
        msgspec.structs.replace(one, student=chosen[position])
        for position, one in enumerate(people)
        if position in chosen
    ]
    why = _("has nothing of its own that can name a folder: an identifier, a username, an address")
    without = [
        Row(one.row, one.shown, why)
        for position, one in enumerate(people)
        if position not in chosen
    ]
    return named, without


def _id_candidates(person: Person) -> list[str]:
    values = [person.fields[key] for key in _ID_ORDER if key in person.fields]
    values += [
        as_folder_name(person.fields[key]) for key in ("identifier", "name") if key in person.fields
    ]
    return [value for value in dict.fromkeys(values) if is_student_id(value)]
