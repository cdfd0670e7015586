"""Which of somebody's files are the work: those in the assignment's place, under their own names.

The place is the folder that holds `<assignment>.ipynb` or `<assignment>.py`, wherever it lies: in
a repository at the top or in a folder of that name, in an archive in whatever it was packed with.
Of several, the one that was worked on. Every notebook and script of the place is taken; grading
says what it makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from autograder.classroom.collecting.archive import MAX_NESTED_BYTES, is_archive, open_nested
from autograder.classroom.collecting.handed import Note, Refused, Tree, Version, Wanted, is_litter
from autograder.errors import SubmissionError
from autograder.messages import _, ngettext
from autograder.submission.reading import printable

_FORMS = (".ipynb", ".py")
_LFS = b"version https://git-lfs.github.com/spec/v1"
_MAX_FILES = 50  # of one place
_MAX_TOTAL_BYTES = 64 * 2**20
_SHOWN = 20  # refused files of one item
# What Canvas and browsers make of a name that is there already.
# What work is packed in or saved as, and is not read here: .rar, .ipynb.txt, .PY.
_MAY_HOLD_WORK = re.compile(
    r"(?is)(?!test_|conftest).*\.(?:(?:ipynb|py)(?:\W.*)?|zip|tar|tgz|gz|xz|bz2|zst|rar|7z)"
)
_NUMBERED = re.compile(r"(?P<stem>.+?)(?:-\d{1,3}| ?\(\d{1,3}\))(?P<suffix>\.(?:ipynb|py))")


def chosen_version(tree: Tree, wanted: Wanted) -> Version | None:
    """The work among the files of ``tree``, and of an archive in it; None where there is none.

    Raises SubmissionError where it cannot be told, or nothing of it can be read.
    """
    notes: list[Note] = []
    outer = tree
    if not _forms(tree.paths):
        archives = [path for path in tree.paths if is_archive(path) and not is_litter(path)]
        if len(archives) > 1:
            raise SubmissionError(
                _("{paths}: which archive holds the work?\n  fix: {fix}").format(
                    paths=_list(archives), fix=_by_hand()
                )
            )
        if archives:
            notes += _refused_notes(tree.refused)
            tree = open_nested(archives[0], tree.read(archives[0], MAX_NESTED_BYTES))
    notes += _refused_notes(tree.refused)
    place = _place(tree, wanted)
    if place is None:
        # A folder that was not looked into is one whose name ends with a slash.
        troubled = [one for one in tree.refused if one.path.endswith((*_FORMS, "/"))]
        if troubled:
            raise SubmissionError(
                _(
                    "{path}: {why}, and nothing else is handed in\n  fix: hand in the file itself"
                ).format(path=printable(troubled[0].path), why=troubled[0].why)
            )
        if others := [path for path in tree.paths if _may_hold_work(path)]:
            raise no_form(others)
        return None
    files, troubles = _read(tree, place, wanted)
    if not files:
        raise SubmissionError(troubles[0].text)
    notes += troubles
    if str(place) not in (".", wanted.assignment):
        notes.append(Note(_("found in {place}/").format(place=printable(str(place)))))
    changed = wanted.is_changed(files)
    if not changed or not any(name.rpartition("/")[2] in _expected(wanted) for name in files):
        notes += _not_taken(tree, outer, place, _graded(files, wanted), wanted)
    return Version(files=files, changed=changed, notes=tuple(notes))


def no_form(paths: Sequence[str]) -> SubmissionError:
    """The error for a submission that holds ``paths``, and no file that can be graded."""
    return SubmissionError(
        _("{paths}: is no notebook and no script\n  fix: {fix}").format(
            paths=_list(paths), fix=_by_hand()
        )
    )


def _graded(files: Mapping[str, bytes], wanted: Wanted) -> list[str]:
    """Those of ``files`` that are graded: of the expected names, or the only one there is."""
    expected = _expected(wanted)
    others = [name for name in files if not _is_handed_out(name)]
    return others if len(others) == 1 and not set(expected) & set(files) else expected


def _not_taken(
    tree: Tree, outer: Tree, place: PurePosixPath, graded: Sequence[str], wanted: Wanted
) -> list[Note]:
    """A note for each file that may be the work where what was taken may not be."""
    forms = [path for path in _forms(tree.paths) if not _is_handed_out(PurePosixPath(path).name)]
    found = [
        path
        for path in forms[: 2 * _SHOWN]
        if PurePosixPath(path).parent != place or PurePosixPath(path).name not in graded
        if _is_worked_on(tree, path, wanted)
    ]
    if tree is outer:
        found += [
            path
            for path in tree.paths
            if not path.casefold().endswith(_FORMS) and _may_hold_work(path)
        ]
    text = _(
        "{path}: may be the work, and is not what counts\n  fix: if it is, put it into the "
        "student's folder by hand, under the name that was expected"
    )
    return [Note(text.format(path=printable(path)), True) for path in found[:_SHOWN]]


def _is_worked_on(tree: Tree, path: str, wanted: Wanted) -> bool:
    try:
        return wanted.is_changed({PurePosixPath(path).name: tree.read(path, wanted.max_bytes)})
    except SubmissionError:
        return True


def _may_hold_work(path: str) -> bool:
    name = PurePosixPath(path).name
    return not name.startswith("._") and _MAY_HOLD_WORK.fullmatch(name) is not None


def _is_handed_out(name: str) -> bool:
    return name.startswith((".", "test_", "conftest")) or name == "setup.py"


def _expected(wanted: Wanted) -> list[str]:
    return [wanted.assignment + suffix for suffix in _FORMS]


def _place(tree: Tree, wanted: Wanted) -> PurePosixPath | None:
    """The folder with the work. Raises SubmissionError where several may be."""
    forms = [PurePosixPath(path) for path in _forms(tree.paths)]
    names = _expected(wanted)
    expected = {path.parent for path in forms if _expected_name(path.name) in names}
    # Where students get the files in several languages, each further one is a folder in the place.
    expected -= {
        folder
        for folder in expected
        if folder.name in wanted.languages and folder.parent in expected
    }
    places = expected or {path.parent for path in forms if not _is_handed_out(path.name)}
    for usual in (PurePosixPath(wanted.assignment), PurePosixPath(".")):
        if not expected and usual in places:
            return usual
    if len(places) < 2:
        return next(iter(places), None)
    by_work: dict[frozenset[tuple[str, bytes]], PurePosixPath] = {}
    for place in sorted(places, key=lambda one: (len(one.parts), str(one))):
        files, _troubles = _read(tree, place, wanted)
        if files and wanted.is_changed(files):
            by_work.setdefault(frozenset(files.items()), place)
    if len(by_work) > 1:
        raise SubmissionError(
            _("{paths}: which of these is the work?\n  fix: {fix}").format(
                paths=_list(map(str, by_work.values())), fix=_by_hand()
            )
        )
    if by_work:
        return next(iter(by_work.values()))
    return min(places, key=lambda one: (len(one.parts), str(one)))


def _read(tree: Tree, place: PurePosixPath, wanted: Wanted) -> tuple[dict[str, bytes], list[Note]]:
    """The files of ``place`` by the names they get, and a note for each that cannot be read."""
    expected = _expected(wanted)
    paths: dict[str, str] = {}
    for path in _forms(tree.paths):
        one = PurePosixPath(path)
        if one.parent == place:
            paths[one.name] = path
        elif (
            one.parent.parent == place
            and one.parent.name in wanted.languages
            and one.name in expected
        ):
            paths[f"{one.parent.name}/{one.name}"] = path
    for name in expected:
        numbered = [one for one in paths if _expected_name(one) == name != one]
        if name not in paths and len(numbered) == 1:
            paths[name] = paths.pop(numbered[0])
    first = sorted(paths, key=lambda name: (name not in expected, name))
    files: dict[str, bytes] = {}
    notes: list[Note] = []
    left = _MAX_TOTAL_BYTES
    for name in first:
        if len(files) >= _MAX_FILES or left <= 0:
            notes.append(
                Note(_("{path}: one file too many").format(path=printable(paths[name])), True)
            )
            continue
        try:
            data = tree.read(paths[name], wanted.max_bytes)
            if data.startswith(_LFS):
                raise SubmissionError(
                    _(
                        "{path}: is a pointer to a file in LFS, not the file\n  fix: hand in the "
                        "file itself: git lfs untrack, and commit it again"
                    ).format(path=printable(paths[name]))
                )
        except SubmissionError as error:
            notes.append(Note(str(error), True))
            continue
        left -= len(data)
        files[name] = data
    return files, notes


def _expected_name(name: str) -> str:
    found = _NUMBERED.fullmatch(name)
    return found["stem"] + found["suffix"] if found else name


def _forms(paths: Iterable[str]) -> list[str]:
    return [
        path
        for path in paths
        if path.endswith(_FORMS)
        and not is_litter(path)
        and not any(part.startswith(".") for part in PurePosixPath(path).parts)
    ]


def _refused_notes(refused: Sequence[Refused]) -> list[Note]:
    """One each; where it may have been work, somebody has to look."""
    notes = [
        Note(f"{printable(one.path)}: {one.why}", may_be_work(one.path))
        for one in refused
        if not is_litter(one.path)
    ]
    notes.sort(key=lambda one: not one.person)
    if len(notes) > _SHOWN:
        more = len(notes) - _SHOWN
        rest = ngettext("{count} more was refused", "{count} more were refused", more)
        notes = [*notes[:_SHOWN], Note(rest.format(count=more))]
    return notes


def may_be_work(path: str) -> bool:
    """Whether somebody has to look at ``path``, which was refused: it is named as work is."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if any(part.casefold() in (".git", "node_modules", ".venv", "venv") for part in parts):
        return False
    return path.endswith(_FORMS) or is_archive(path)


def same_files(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> bool:
    """Whether both are the same files."""
    return dict(one) == dict(other)


def _list(paths: Iterable[str]) -> str:
    return ", ".join(printable(path) for path in list(paths)[:5])


def _by_hand() -> str:
    return _("put the one that counts into the student's folder by hand, and collect again")
