"""Whose a thing is: what its source says, compared with the roster."""

from __future__ import annotations

from autograder.classroom.collecting.handed import Identity, Item, KeyKind
from autograder.classroom.collecting.roster import Person, Roster, as_folder_name, letters, normal
from autograder.messages import _
from autograder.submission.reading import printable
from autograder.submission.submissions import is_student_id

_ANY: tuple[KeyKind, ...] = ("username", "email", "sid", "login", "identifier", "name")


class Class:
    """The people of a roster, found by any of their keys."""

    def __init__(self, roster: Roster) -> None:
        self._index: dict[tuple[str, str], list[Person]] = {}
        self._kinds: set[str] = set()
        for person in roster.people:
            self._put("student", normal(person.student), person)
            for kind, value in person.fields.items():
                if kind != "name":
                    self._put(kind, normal(value), person)
            for name in person.names:
                self._put("name", name, person)

    def _put(self, kind: str, value: str, person: Person) -> None:
        self._kinds.add(kind)
        self._index.setdefault((kind, value), []).append(person)

    def find(self, who: Identity) -> list[Person]:
        """Those that ``who`` may be: one, none, or several that cannot be told apart.

        A name is only asked where the roster has no column for the number that comes before it,
        and nothing else that contradicts: two people may have the same one.
        """
        for kind, value in who.keys:
            if found := self._by(kind, value):
                return [one for one in found if kind != "name" or not _contradicts(one, who)]
            if kind in self._kinds and kind in ("username", "canvas", "moodle"):
                return []
        if not who.anything:
            return []
        found = list(self._index.get(("student", normal(who.anything)), ()))
        for kind in _ANY:
            found += [one for one in self._by(kind, who.anything) if one not in found]
        return found

    def _by(self, kind: KeyKind, value: str) -> list[Person]:
        if kind == "name":
            whole = self._index.get(("name", normal(value)), [])
            return whole or self._index.get(("name", letters(value)), [])
        return self._index.get((kind, normal(value)), [])


def _contradicts(person: Person, who: Identity) -> bool:
    """Whether a key of ``who`` has another value on the roster."""
    return any(
        kind != "name" and normal(person.fields.get(kind, value)) != normal(value)
        for kind, value in who.keys
    )


def own_id(who: Identity) -> str | None:
    """The folder's name of ``who`` where there is no roster; None where nothing can be one."""
    names = [*who.ids, *(as_folder_name(one) for one in who.ids)]
    return next((one for one in names if is_student_id(one)), None)


def whose(item: Item, people: Class | None) -> tuple[str | None, str]:
    """The student's folder's name; or None and why."""
    if not item.who.shown:
        return None, _(
            "its name does not say whose it is\n  fix: --prefix, what the names begin with before "
            "the username; or move it away"
        )
    if people is None:
        if (name := own_id(item.who)) is not None:
            return name, ""
        return None, _("{shown} can name no folder\n  fix: --roster").format(
            shown=printable(item.who.shown)
        )
    found = people.find(item.who)
    if len(found) == 1:
        return found[0].student, ""
    if found:
        return None, _(
            "{shown} may be {people}\n  fix: give each their own in the roster, and collect again"
        ).format(
            shown=printable(item.who.shown),
            people=_(" or ").join(
                _("{name} (row {row})").format(name=printable(one.shown), row=one.row)
                for one in found[:5]
            ),
        )
    return None, _(
        "{shown} is nobody's on the roster\n  fix: write it into the row of whose it is, and "
        "collect again; a team's work goes into each one's folder by hand"
    ).format(shown=printable(item.who.shown))
