"""What collecting came to: what needs a person first, then numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from autograder import escape
from autograder.classroom.collected import Collected, collection_path
from autograder.classroom.collecting.outcome import Ending, Line, Result
from autograder.messages import _, ngettext

_SHOWN_UNVERIFIED = 20  # where some are: with none verified, GitHub was not asked at all
_SHOWN_UNTOUCHED = 20


def collect_text(result: Result, dry_run: bool = False) -> str:
    """All of it as lines. Texts that are not ours are escaped."""
    parts = [
        *_listed(result),
        *_refused_members(result),
        *_notes(result),
        *_gone(result.gone),
        *_unverified(result),
        *_counts(result, dry_run),
    ]
    return escape.lines("\n".join(parts))


def _word(ending: Ending) -> str:
    return {
        Ending.COLLECTED: _("collected"),
        Ending.CONFLICT: _("conflict"),
        Ending.REFUSED: _("refused"),
        Ending.DUPLICATE: _("duplicate"),
        Ending.NOTHING: _("nothing handed in"),
        Ending.UNMATCHED: _("unmatched"),
    }[ending]


def _listed(result: Result) -> list[str]:
    """Everything that was not collected, by how it ended."""
    lines = []
    for ending in (Ending.UNMATCHED, Ending.REFUSED, Ending.CONFLICT, Ending.DUPLICATE):
        some = [line for line in result.items if line.ending is ending]
        rows = [line for line in result.rows if line.ending is ending and line.why]
        if some or rows:
            lines.append(f"{_word(ending)}:")
            lines += [_one(line) for line in some]
            lines += [_("  roster: {row}").format(row=_one(line).strip()) for line in rows]
    nothing = [line for line in result.items if line.ending is Ending.NOTHING]
    nobody = [line for line in result.rows if line.ending is Ending.NOTHING]
    if nothing or nobody:
        lines.append(f"{_word(Ending.NOTHING)}:")
        lines += [_one(line) for line in nothing]
        mentioned = {line.student for line in nothing}
        lines += [
            f"  {escape.one_line(line.origin)} ({escape.one_line(line.student)})"
            + (f": {line.why}" if line.why else "")
            for line in nobody
            if line.student not in mentioned
        ]
    return lines


def _one(line: Line) -> str:
    why = line.why.replace("\n  fix:", "\n    fix:")
    origin = escape.one_line(line.origin)
    # An error of one file begins with its name; where that is this one, once is enough.
    return f"  {why}" if why.startswith((f"{origin}: ", f"{origin}：")) else f"  {origin}: {why}"


def _refused_members(result: Result) -> list[str]:
    members = [one for found in result.found for one in found.refused]
    if not members:
        return []
    head = _("members that are nobody's and were not read:")
    return [head, *(f"  {escape.one_line(one.path)}: {one.why}" for one in members)]


def _notes(result: Result) -> list[str]:
    lines = []
    for line in result.items:
        for note in sorted(line.notes, key=lambda note: not note.person):
            mark = "! " if note.person else ""
            text = note.text.replace("\n  fix:", "\n    fix:")
            lines.append(f"  {mark}{escape.one_line(line.student or line.origin)}: {text}")
    return [_("to know of what was collected (! needs a person):"), *lines] if lines else []


def _gone(gone: Sequence[Collected]) -> list[str]:
    if not gone:
        return []
    head = _("collected before, not now; what was collected stays:")
    lines = [
        f"  {escape.one_line(one.student)}: {escape.one_line(one.origin)}\n"
        + _(
            "    fix: see why it is not there, or not under this name (is --roster the same?); "
            "move the folder away where it is not to be graded"
        )
        for one in gone
    ]
    return [head, *lines]


def _unverified(result: Result) -> list[str]:
    """Whose time is the student's own word; where GitHub was not asked, how many."""
    some = [one for one in result.collected if one.submitted_at and not one.time_verified]
    if not some:
        return []
    text = ngettext(
        "time unverified: {count}, kept in {path} and in no timestamp.txt",
        "time unverified: {count}, kept in {path} and in no timestamp.txt",
        len(some),
    ).format(
        count=len(some),
        path=escape.one_line(collection_path(result.into, result.assignment).name),
    )
    if all(one.time_source == "commit" for one in some) and not any(
        one.time_verified for one in result.collected
    ):
        return [text + _("\n  fix: --ask-github OWNER asks GitHub when each was pushed")]
    lines = [
        _("  {student}: {time}, says the {source}").format(
            student=escape.one_line(one.student), time=one.submitted_at, source=one.time_source
        )
        for one in some[:_SHOWN_UNVERIFIED]
    ]
    if len(some) > _SHOWN_UNVERIFIED:
        lines.append(_("  and {count} more").format(count=len(some) - _SHOWN_UNVERIFIED))
    return [text, *lines]


def _counts(result: Result, dry_run: bool) -> list[str]:
    lines = []
    if result.roster is not None:
        lines.append(
            _sum(
                ngettext(
                    "{count} row of the roster", "{count} rows of the roster", result.roster.rows
                ),
                result.roster.rows,
                result.rows,
            )
        )
    lines.append(
        _sum(
            ngettext(
                "{count} repository or submission",
                "{count} repositories or submissions",
                len(result.items),
            ),
            len(result.items),
            result.items,
        )
    )
    for found in result.found:
        if found.members:
            strays, refused = len(found.strays), len(found.refused)
            lines.append(
                _(
                    "{members} files: {of_items} of submissions + {strays} unmatched + {refused} "
                    "refused + {left_out} not of students"
                ).format(
                    members=found.members,
                    of_items=found.members - strays - refused - found.left_out,
                    strays=strays,
                    refused=refused,
                    left_out=found.left_out,
                )
            )
    verified = sum(one.time_verified for one in result.collected)
    count = len(result.collected)
    said = (
        ngettext(
            "{count} student would be collected into {into}, {verified} with a time by a server",
            "{count} students would be collected into {into}, {verified} with a time by a server",
            count,
        )
        if dry_run
        else ngettext(
            "{count} student in {into}: {written} new or changed, {verified} with a time by a "
            "server, {on_time} with an earlier version in time",
            "{count} students in {into}: {written} new or changed, {verified} with a time by a "
            "server, {on_time} with an earlier version in time",
            count,
        )
    )
    lines.append(
        said.format(
            count=count,
            into=escape.one_line(result.into),
            written=result.written,
            verified=verified,
            on_time=result.on_time,
        )
    )
    if result.untouched:
        names = ", ".join(map(escape.one_line, result.untouched[:_SHOWN_UNTOUCHED]))
        text = ngettext(
            "{count} of these as it was handed out, with nothing filled in: {names}",
            "{count} of these as they were handed out, with nothing filled in: {names}",
            len(result.untouched),
        ).format(count=len(result.untouched), names=names)
        lines.append(text + (" …" if len(result.untouched) > _SHOWN_UNTOUCHED else ""))
    return lines


def _sum(text: str, total: int, lines: Iterable[Line]) -> str:
    counts = Counter(line.ending for line in lines)
    terms = " + ".join(f"{counts[one]} {_word(one)}" for one in Ending if counts[one])
    return f"{text.format(count=total)}: {terms or 0}"
