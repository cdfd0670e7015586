"""A platform's download of a class as items: which files are whose, by the platform's own names.

Only Gradescope's download says when something was handed in (`submission_metadata.yml`). In those
of Canvas and Moodle the times of the files are of the packing, so that none is taken.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import msgspec

from autograder.classroom.collected import Source
from autograder.classroom.collecting.choose import chosen_version, no_form
from autograder.classroom.collecting.gradescope_metadata import (
    METADATA,
    SUBMISSION,
    submissions_told,
)
from autograder.classroom.collecting.handed import (
    Found,
    HandedWork,
    Identity,
    Item,
    Note,
    Part,
    Refused,
    Tree,
    Wanted,
    is_litter,
)
from autograder.classroom.collecting.member_names import same_name
from autograder.errors import OperatorError
from autograder.messages import _

_MAX_METADATA_BYTES = 64 * 2**20
_CANVAS = re.compile(
    r"(?P<name>[^/]*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_"
    r"(?:(?P<number>\d+)_(?P<file>[^/]+)|(?P<page>text\.html|link\.html))"
)
_MOODLE = re.compile(
    r"(?P<name>[^/]+)_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?"
    r"(?P<rest>.*)"
)
_MOODLE_WHOSE = re.compile(r"(?=_\d+_assignsubmission_)")


def kind_of_download(tree: Tree, assignment: str) -> Source | None:
    """Whose download the files are, where their names leave no doubt."""
    # At the top only, where students cannot put a name of their own.
    paths = [path for path in _all(tree) if not is_litter(path)]
    inner = [path.removeprefix(_wrapper(paths)) for path in paths]
    deeper = [path.removeprefix(_wrapper(inner)) for path in inner]
    for names in (inner, deeper):
        if METADATA in names and any(SUBMISSION.fullmatch(one.split("/")[0]) for one in names):
            return "gradescope"
    if inner and all(_MOODLE.fullmatch(path.partition("/")[0]) for path in inner):
        return "moodle"
    if inner and all(_CANVAS.fullmatch(path) for path in inner):
        return "canvas"
    if any(path.split("/")[1:-1][:1] == [assignment] for path in (*inner, *paths)):
        return "folder"
    return None


def items_of_download(tree: Tree, kind: Source, wanted: Wanted) -> Found:
    """The submissions in ``tree``. Raises OperatorError where it is no download of that kind."""
    finders = {"canvas": _canvas, "moodle": _moodle, "gradescope": _gradescope, "folder": _folder}
    return finders[kind](tree, wanted)


def _all(tree: Tree) -> list[str]:
    return [*tree.paths, *(one.path for one in tree.refused)]


def _wrapper(paths: Iterable[str]) -> str:
    """The one folder that everything lies in, as when an unpacked download was packed again."""
    first = {path.partition("/")[0] for path in paths}
    if len(first) != 1 or not all("/" in path for path in paths):
        return ""
    return "" if _MOODLE.fullmatch(name := first.pop()) else f"{name}/"


def _grouped(
    tree: Tree, wanted: Wanted, source: Source, places: Mapping[str, tuple[str, Identity, str]]
) -> Found:
    """Items by the group that each path belongs to; ``places``: path → group, who, inner path."""
    groups: dict[str, tuple[Identity, dict[str, str]]] = {}
    refused: dict[str, list[Refused]] = {}
    readable = set(tree.paths)
    strays = []
    left_out = 0
    for path in _all(tree):
        if path not in places:
            litter = is_litter(path) or path.rpartition("/")[2] == METADATA
            left_out += litter
            if not litter and path in readable:
                strays.append(path)
            continue
        group, who, inner = places[path]
        files = groups.setdefault(group, (who, {}))[1]
        if path in readable and inner in files:
            refused.setdefault(group, []).append(Refused(inner, same_name()))
        elif path in readable:
            files[inner] = path
    for one in tree.refused:
        if one.path in places:
            group, _who, inner = places[one.path]
            refused.setdefault(group, []).append(Refused(inner, one.why))
    items = []
    for group, (who, files) in groups.items():
        part = Part(tree, files, refused.get(group, ()))
        items.append(
            Item(
                source=source,
                origin=group,
                who=who,
                open=functools.partial(
                    _open,
                    part,
                    wanted,
                    _notes(files) if source == "canvas" else (),
                    source == "folder",  # where what was handed out may lie too
                ),
            )
        )
    return Found(
        source=source,
        items=tuple(sorted(items, key=lambda item: item.origin)),
        strays=tuple(strays),
        refused=tuple(
            one for one in tree.refused if one.path not in places and not is_litter(one.path)
        ),
        members=len(_all(tree)),
        left_out=left_out,
    )


def _notes(files: Mapping[str, str]) -> tuple[Note, ...]:
    found = [_CANVAS.fullmatch(path.rpartition("/")[2]) for path in files.values()]
    if any(one is not None and one["late"] for one in found):
        return (Note(_("Canvas calls it late, and does not say when it was handed in")),)
    return ()


def _open(
    tree: Tree,
    wanted: Wanted,
    notes: tuple[Note, ...],
    may_be_empty: bool,
) -> HandedWork | None:
    version = chosen_version(tree, wanted)
    if version is None:
        handed_in = [path for path in _all(tree) if not is_litter(path)]
        if handed_in and not may_be_empty:
            raise no_form(handed_in)
        return None
    version = msgspec.structs.replace(version, notes=(*version.notes, *notes))
    return HandedWork(last=version)


def _canvas(tree: Tree, wanted: Wanted) -> Found:
    wrapper = _wrapper(_all(tree))
    places = {}
    first: dict[tuple[str, str], str] = {}  # each file has a number of its own
    for path in _all(tree):
        if (found := _CANVAS.fullmatch(path.removeprefix(wrapper))) is None or is_litter(path):
            continue
        user, name = found["user"], found["name"]
        who = Identity(shown=name, keys=(("canvas", user), ("name", name)), ids=(f"{name}_{user}",))
        number = first.setdefault((name, user), found["number"] or "text")
        places[path] = (f"{name}_{user}_{number}", who, found["file"] or found["page"])
    return _grouped(tree, wanted, "canvas", places)


def _moodle(tree: Tree, wanted: Wanted) -> Found:
    wrapper = _wrapper(_all(tree))
    places = {}
    for path in _all(tree):
        first, _slash, inner = path.removeprefix(wrapper).partition("/")
        if (found := _MOODLE.fullmatch(first)) is None or is_litter(path):
            continue
        if len(_MOODLE_WHOSE.findall(first)) > 1:
            continue  # without folders, a student may call a file as if it were somebody else's
        name, participant = " ".join(found["name"].split()), found["participant"]
        who = Identity(
            shown=name,
            keys=(("moodle", participant), ("name", name)),
            ids=(f"{name}_{participant}",),
        )
        # Text that was typed in Moodle comes as a file beside those that were handed in.
        plugin = "" if found["plugin"] == "file" else f"{found['plugin']}/"
        rest = f"{found['rest']}/{inner}" if found["rest"] and inner else found["rest"] or inner
        places[path] = (f"{name}_{participant}", who, plugin + rest)
    return _grouped(tree, wanted, "moodle", places)


def _folder(tree: Tree, wanted: Wanted) -> Found:
    wrapper = "" if _has_student_at_top(tree, wanted) else _wrapper(_all(tree))
    places = {}
    for path in _all(tree):
        student, slash, inner = path.removeprefix(wrapper).partition("/")
        if not path.startswith(wrapper) or not slash or student.startswith(".") or is_litter(path):
            continue
        who = Identity(shown=student, anything=student, ids=(student,))
        places[path] = (student, who, inner)
    return _grouped(tree, wanted, "folder", places)


def _has_student_at_top(tree: Tree, wanted: Wanted) -> bool:
    """Whether the one folder there is is a student's, and not one around a class."""
    return any(path.split("/")[1:2] == [wanted.assignment] for path in _all(tree))


def _gradescope(tree: Tree, wanted: Wanted) -> Found:
    metadata = [path for path in tree.paths if PurePosixPath(path).name == METADATA]
    top = min(metadata, key=lambda path: path.count("/"), default=None)
    # One inside of a submission is a student's.
    if top is None or any(SUBMISSION.fullmatch(part) for part in PurePosixPath(top).parts):
        raise OperatorError(
            _("there is no {name}\n  fix: take the whole download, as Gradescope gives it").format(
                name=METADATA
            )
        )
    wrapper = top.removesuffix(METADATA)
    told = submissions_told(tree.read(top, _MAX_METADATA_BYTES))
    places = {}
    for path in _all(tree):
        number, slash, inner = path.removeprefix(wrapper).partition("/")
        if path.startswith(wrapper) and slash and SUBMISSION.fullmatch(number):
            places[path] = (number, Identity(shown=""), inner)
    found = _grouped(tree, wanted, "gradescope", places)
    by_number = {item.origin: item for item in found.items}
    items = []
    for number in sorted({*by_number, *told}):
        submitters, at = told.get(number, ([Identity(shown="")], None))
        item = by_number.get(number)
        for who in submitters:  # a group's work is each one's
            items.append(
                Item(
                    source="gradescope",
                    origin=f"{number} ({who.shown})" if len(submitters) > 1 else number,
                    who=who,
                    open=functools.partial(_open_of, item, at),
                )
            )
    return msgspec.structs.replace(found, items=tuple(items))


def _open_of(item: Item | None, at: datetime.datetime | None) -> HandedWork | None:
    work = item.open() if item is not None else None
    if work is None or at is None:
        return work
    last = msgspec.structs.replace(
        work.last, submitted_at=at, time_source="gradescope", time_verified=True
    )
    return msgspec.structs.replace(work, last=last)
