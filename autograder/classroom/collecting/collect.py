"""Collect a class: each repository, submission and row of the roster ends in exactly one way.

What counts as the moment of submission is only what a server recorded: GitHub's record of pushes
(asked for with ``--ask-github``) and Gradescope's list. That goes into the student's timestamp.txt,
by which grading tells who is late. The date in a commit is what the student's own clock said, or
what the student typed: it is kept in the list of what was collected, as not verified, and goes
into no timestamp.txt, so that nobody is late or in time by it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from autograder.classroom.collected import (
    Collected,
    Collection,
    Source,
    read_collection,
    write_collection,
)
from autograder.classroom.collecting.handed import Found, HandedWork, Item
from autograder.classroom.collecting.matching import Class, whose
from autograder.classroom.collecting.outcome import Ending, Line, Result
from autograder.classroom.collecting.placing import (
    clear_unfinished,
    contents,
    hashes,
    put,
    take_away,
    why_not_ours,
    with_known_time,
)
from autograder.classroom.collecting.roster import Person, Roster, Row
from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable
from autograder.submission.submissions import on_time_folder

_BY_USERNAME: frozenset[Source] = frozenset(("github", "classroom50"))


def collect(
    assignment: str,
    into: Path,
    found: Sequence[Found],
    roster: Roster | None,
    due: datetime.datetime | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """Put what was ``found`` into ``into``, laid out <student>/<assignment>/, and say how it ended.

    What was collected before is replaced, what a person put or changed there is not, and nobody's
    folder is taken away.

    Raises:
        OperatorError: It cannot be written, or the list of what was collected not be read.
    """
    before = read_collection(into, assignment)
    known = {one.student: one for one in before.collected} if before else {}
    run = _Run(assignment, into, known, due, dry_run)
    if not dry_run:
        clear_unfinished(into, assignment)
        clear_unfinished(on_time_folder(into), assignment)
    groups = run.matched([item for one in found for item in one.items], roster)
    try:
        for number, (student, items) in enumerate(sorted(groups.items()), start=1):
            run.settle(student, items)
            progress(number, len(groups))
    finally:
        if run.collected and not dry_run:
            everybody = {**known, **run.collected}
            write_collection(
                into,
                Collection(
                    assignment=assignment,
                    collected=tuple(everybody[name] for name in sorted(everybody)),
                ),
            )
    strays = [
        Line(Ending.UNMATCHED, path, why=_stray(one.source), person=True)
        for one in found
        for path in one.strays
    ]
    kinds = {one.source for one in found}
    return Result(
        assignment=assignment,
        into=into,
        items=tuple(sorted([*run.lines, *strays], key=lambda line: line.origin)),
        rows=tuple(_rows(roster, run.lines, bool(kinds & _BY_USERNAME))),
        roster=roster,
        found=tuple(found),
        collected=tuple(run.collected[name] for name in sorted(run.collected)),
        written=run.written,
        gone=tuple(
            one
            for name, one in sorted(known.items())
            if name not in run.collected and one.source in kinds
        ),
        on_time=run.on_time,
        untouched=tuple(run.untouched),
    )


class _Run:
    """One student after the other, and what became of each."""

    def __init__(
        self,
        assignment: str,
        into: Path,
        known: Mapping[str, Collected],
        due: datetime.datetime | None,
        dry_run: bool,
    ) -> None:
        self._assignment = assignment
        self._into = into
        self._known = known
        self._due = due
        self._dry_run = dry_run
        self._certain = False  # that two of one name are one person
        self.lines: list[Line] = []
        self.collected: dict[str, Collected] = {}
        self.written = 0
        self.on_time = 0
        self.untouched: list[str] = []

    def matched(self, items: Iterable[Item], roster: Roster | None) -> dict[str, list[Item]]:
        """The items of each student; a line for each that is nobody's."""
        self._certain = roster is not None
        groups: dict[str, list[Item]] = {}
        names: dict[str, str] = {}
        people = Class(roster) if roster is not None else None
        for item in items:
            student, why = whose(item, people)
            if student is None:
                self.lines.append(Line(Ending.UNMATCHED, item.origin, why=why, person=True))
            else:
                groups.setdefault(names.setdefault(student.casefold(), student), []).append(item)
        return groups

    def settle(self, student: str, items: Sequence[Item]) -> None:
        """Collect one student's work; a line for each of their items."""
        works: list[tuple[Item, HandedWork]] = []
        for item in items:
            try:
                work = item.open()
            except SubmissionError as error:
                self._line(Ending.REFUSED, item, student, str(error))
                continue
            if work is None:
                self._line(Ending.NOTHING, item, student, _("no notebook or script"))
            else:
                works.append((item, work))
        chosen = self._choose(student, works)
        if chosen is not None:
            self._put(student, *chosen)

    def _line(self, ending: Ending, item: Item, student: str, why: str = "") -> None:
        person = ending in (Ending.REFUSED, Ending.CONFLICT)
        self.lines.append(Line(ending, item.origin, student, why, person=person))

    def _choose(
        self, student: str, works: list[tuple[Item, HandedWork]]
    ) -> tuple[Item, HandedWork] | None:
        """The one that counts; a line for each other one, or for all where a person must choose."""
        if len(works) < 2:
            return works[0] if works else None
        worked_on = [one for one in works if one[1].last.changed] or works[:1]
        if all(one[1].last.files == worked_on[0][1].last.files for one in worked_on):
            chosen = worked_on[0]
            why = _("the same person's {other} was taken: it is the same, or was worked on")
            for item, _work in works:
                if item is not chosen[0]:
                    said = why.format(other=printable(chosen[0].origin))
                    person = not self._certain
                    self.lines.append(
                        Line(Ending.DUPLICATE, item.origin, student, said, person=person)
                    )
            return chosen
        why = _(
            "is one of {count} by the same person, {student}\n  fix: move those that do not count "
            "out of the folder, and collect again"
        ).format(count=len(works), student=student)
        for item, _work in works:
            self.lines.append(Line(Ending.DUPLICATE, item.origin, student, why, person=True))
        return None

    def _put(self, student: str, item: Item, work: HandedWork) -> None:
        known = self._known.get(student)
        asked = work.last.time_verified  # now, so that it is known what was in time
        work = with_known_time(work, known)
        files = contents(work.last)
        earlier = contents(work.on_time) if work.on_time is not None else {}
        beside = on_time_folder(self._into)
        a = self._assignment
        before = known.files if known else {}
        before_on_time = known.on_time_files if known else {}
        why = why_not_ours(self._into, student, a, before, hashes(files))
        if not why and (earlier or before_on_time):
            why = why_not_ours(beside, student, a, before_on_time, hashes(earlier))
        if not why:
            why = self._differs_in_capitals(student)
        if why:
            text = _(
                "{path} {why}, and is left as it is\n  fix: move it away and collect again, "
                "or keep it: it is what will be graded"
            ).format(path=printable(Path(student, a)), why=why)
            self._line(Ending.CONFLICT, item, student, text)
            return
        if not self._dry_run:
            self.written += put(self._into, student, a, files)
            if earlier:
                put(beside, student, a, earlier)
            elif before_on_time and self._due is not None and asked:
                take_away(beside, student, a)
        keep = not earlier and not (self._due is not None and asked)
        self.on_time += bool(earlier)
        if not work.last.changed:
            self.untouched.append(student)
        last = work.last
        self.collected[student] = Collected(
            student=student,
            source=item.source,
            origin=item.origin,
            # Not asked of GitHub this time, it is known from the last.
            repository=work.repository
            or (known.repository if known and known.origin == item.origin else None),
            github_username=_username(item),
            commit=last.commit,
            tag=last.tag,
            submitted_at=last.submitted_at.astimezone(datetime.UTC).isoformat()
            if last.submitted_at
            else None,
            time_source=last.time_source,
            time_verified=last.time_verified,
            files=hashes(files),
            on_time_files=before_on_time if keep else hashes(earlier),
        )
        self.lines.append(Line(Ending.COLLECTED, item.origin, student, notes=last.notes))

    def _differs_in_capitals(self, student: str) -> str:
        """Why grading would refuse the folder: another one is the same but for capitals."""
        if (self._into / student).exists() or not self._into.is_dir():
            return ""
        other = next(
            (one.name for one in self._into.iterdir() if one.name.casefold() == student.casefold()),
            None,
        )
        return (
            _("differs in capitals alone from {other}").format(other=printable(other))
            if other
            else ""
        )


def _username(item: Item) -> str | None:
    return next((value for kind, value in item.who.keys if kind == "username"), None)


def _stray(source: Source) -> str:
    return _(
        "is named as nobody's submission on {source}\n  fix: put it into the student's folder by "
        "hand, or move it away"
    ).format(source=source)


def _rows(roster: Roster | None, lines: Sequence[Line], by_username: bool) -> list[Line]:
    """A line for each row of the roster, in its order."""
    if roster is None:
        return []
    endings: dict[str, Ending] = {}
    order = list(Ending)
    for line in lines:
        if line.student is not None:
            endings[line.student] = min(
                endings.get(line.student, line.ending), line.ending, key=order.index
            )
    rows = [(one.row, _row(one, endings, by_username)) for one in roster.people]
    fix = _("\n  fix: correct it in the roster, and collect again")
    rows += [(one.row, Line(Ending.DUPLICATE, _at(one), why=one.why)) for one in roster.duplicates]
    rows += [
        (one.row, Line(Ending.REFUSED, _at(one), why=one.why + fix, person=True))
        for one in roster.refused
    ]
    return [line for _number, line in sorted(rows, key=lambda one: one[0])]


def _at(row: Row) -> str:
    return _("row {row}, {who}").format(row=row.row, who=row.shown)


def _row(person: Person, endings: Mapping[str, Ending], by_username: bool) -> Line:
    ending = endings.get(person.student, Ending.NOTHING)
    why = ""
    if ending is Ending.NOTHING and by_username and "username" not in person.fields:
        why = _("the roster has no username")
    return Line(ending, person.shown, person.student, why)
