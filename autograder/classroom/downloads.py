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
from typing import Any

import msgspec

from autograder.classroom.archive import same_name
from autograder.classroom.choose import chosen_version
from autograder.classroom.collected import Source
from autograder.classroom.handed import (
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
from autograder.errors import OperatorError
from autograder.messages import _

_METADATA = "submission_metadata.yml"
_MAX_METADATA_BYTES = 64 * 2**20
_CANVAS = re.compile(
    r"(?P<name>[^/]*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>[^/]+)"
)
_MOODLE = re.compile(
    r"(?P<name>[^/]+)_(?P<participant>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<rest>.*)"
)
_GRADESCOPE = re.compile(r"submission_\d+")


def kind_of_download(tree: Tree, assignment: str) -> Source | None:
    """Whose download the files are, where their names leave no doubt."""
    # At the top only, where students cannot put a name of their own.
    paths = [path for path in _all(tree) if not is_litter(path)]
    inner = [path.removeprefix(_wrapper(paths)) for path in paths]
    deeper = [path.removeprefix(_wrapper(inner)) for path in inner]
    for names in (inner, deeper):
        if _METADATA in names and any(_GRADESCOPE.fullmatch(one.split("/")[0]) for one in names):
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
            litter = is_litter(path) or path.rpartition("/")[2] == _METADATA
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
                    _open, part, wanted, _notes(files) if source == "canvas" else ()
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
    at: datetime.datetime | None = None,
) -> HandedWork | None:
    version = chosen_version(tree, wanted)
    if version is None:
        return None
    version = msgspec.structs.replace(version, notes=(*version.notes, *notes))
    if at is not None:
        version = msgspec.structs.replace(
            version, submitted_at=at, time_source="gradescope", time_verified=True
        )
    return HandedWork(last=version)


def _canvas(tree: Tree, wanted: Wanted) -> Found:
    wrapper = _wrapper(_all(tree))
    places = {}
    for path in _all(tree):
        if (found := _CANVAS.fullmatch(path.removeprefix(wrapper))) is None or is_litter(path):
            continue
        user, name = found["user"], found["name"]
        who = Identity(shown=name, keys=(("canvas", user), ("name", name)), ids=(f"{name}_{user}",))
        places[path] = (f"{name}_{user}_{found['number']}", who, found["file"])
    return _grouped(tree, wanted, "canvas", places)


def _moodle(tree: Tree, wanted: Wanted) -> Found:
    wrapper = _wrapper(_all(tree))
    places = {}
    for path in _all(tree):
        first, _slash, inner = path.removeprefix(wrapper).partition("/")
        if (found := _MOODLE.fullmatch(first)) is None or is_litter(path):
            continue
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
    metadata = [path for path in tree.paths if PurePosixPath(path).name == _METADATA]
    top = min(metadata, key=lambda path: path.count("/"), default=None)
    if top is None:
        raise OperatorError(
            _("there is no {name}\n  fix: take the whole download, as Gradescope gives it").format(
                name=_METADATA
            )
        )
    wrapper = top.removesuffix(_METADATA)
    told = _metadata(tree.read(top, _MAX_METADATA_BYTES))
    places = {}
    for path in _all(tree):
        number, slash, inner = path.removeprefix(wrapper).partition("/")
        if path.startswith(wrapper) and slash and _GRADESCOPE.fullmatch(number):
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


def _metadata(data: bytes) -> dict[str, tuple[list[Identity], datetime.datetime | None]]:
    """By submission: who handed it in, and when Gradescope got it. Raises OperatorError."""
    try:
        import yaml  # type: ignore[import-untyped] # it has no types of its own
    except ImportError as error:
        raise OperatorError(
            _("{name}: cannot be read here\n  fix: pip install pyyaml").format(name=_METADATA)
        ) from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        told = yaml.load(data, Loader=loader)  # a safe loader: it makes no object but plain data
        return {
            str(number): (_submitters(one.get(":submitters") or ()), _at(one.get(":created_at")))
            for number, one in told.items()
            if _GRADESCOPE.fullmatch(str(number))
        }
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise OperatorError(
            _("{name}: is not as Gradescope writes it\n  fix: download it again").format(
                name=_METADATA
            )
        ) from error


def _submitters(told: Any) -> list[Identity]:
    people = []
    for one in told:
        values = {key: _text(one.get(f":{key}")) for key in ("sid", "email", "name")}
        people.append(
            Identity(
                shown=values["name"] or values["email"],
                keys=tuple((key, values[key]) for key in ("sid", "email", "name") if values[key]),
                ids=tuple(values[key] for key in ("sid", "email", "name") if values[key]),
            )
        )
    return people or [Identity(shown="")]


def _text(told: Any) -> str:
    # Of no list or table: short as it is written, it may come to gigabytes of text.
    return " ".join(str(told).split()) if isinstance(told, str | int) else ""


def _at(told: Any) -> datetime.datetime | None:
    """A moment with its zone; what has none could be of any zone."""
    if isinstance(told, str):
        told = datetime.datetime.fromisoformat(told.strip())
    if not isinstance(told, datetime.datetime) or told.tzinfo is None:
        return None
    return told.astimezone(datetime.UTC)
