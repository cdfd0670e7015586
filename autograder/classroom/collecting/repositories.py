"""A folder of clones, as GitHub Classroom's and Classroom 50's clients lay them out.

GitHub Classroom: `<assignment>-submissions/<assignment>-<username>`, the default branch is handed
in. Classroom 50: `<classroom>-<assignment>-<username>`, the newest tag `submit/…` is handed in,
and where there is none the default branch.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.classroom.collected import Source
from autograder.classroom.collecting.choose import chosen_version, may_be_work, same_files
from autograder.classroom.collecting.git_objects import Workshop
from autograder.classroom.collecting.handed import (
    Found,
    HandedWork,
    Identity,
    Item,
    Note,
    Version,
    Wanted,
)
from autograder.classroom.collecting.repository import Repository, is_repository
from autograder.classroom.collecting.server_time import Ask, Push, brought, last_before
from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

_MAX_BRANCHES = 20


class Clones(msgspec.Struct, frozen=True, kw_only=True):
    """How the clones are read. ``ask`` asks GitHub; ``owner`` has them there, where known."""

    workshop: Workshop
    wanted: Wanted
    source: Source
    prefix: str | None = None  # what their names begin with
    owner: str | None = None
    ask: Ask | None = None


def folder_of_clones(folder: Path, assignment: str) -> Path | None:
    """``folder``, or the folder with clones in it; None where there are none."""
    if not (folder / f"{assignment}-submissions").is_dir() and _are_clones(folder):
        return folder
    inner = [one for one in _folders(folder) if one.name.endswith("-submissions")]
    named = [one for one in inner if one.name == f"{assignment}-submissions"]
    for one in (named or inner)[:1] if len(named or inner) == 1 else ():
        if _are_clones(one):
            return one
    return None


def _are_clones(folder: Path) -> bool:
    """Whether half of the folders in it are: a student may hand in a .git on another platform."""
    folders = _folders(folder)
    if folder.name.endswith("-submissions"):
        return any(is_repository(one) for one in folders)
    return 0 < len(folders) <= 2 * sum(is_repository(one) for one in folders)


def kind_of_clones(folder: Path, assignment: str) -> Source:
    """Which client made ``folder``, by the names in it."""
    if folder.name.endswith("-submissions"):
        return "github"
    names = [one.name.casefold() for one in _folders(folder) if is_repository(one)]
    inside = sum(f"-{assignment.casefold()}-" in name for name in names)
    return "classroom50" if inside * 2 > len(names) else "github"


def clones_in(folder: Path, clones: Clones) -> Found:
    """Each folder in ``folder`` as an item; what is no folder, and no tool's, is a stray."""
    items = []
    strays = []
    left_out = 0
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - links are told apart below
        one = folder / name
        if one.is_file() and may_be_work(name):
            strays.append(name)  # such as a repository that was downloaded as a zip
            continue
        if not (one.is_dir() or one.is_symlink()) or name.startswith("."):
            left_out += 1  # scores.csv, .DS_Store
            continue
        items.append(
            Item(
                source=clones.source,
                origin=name,
                who=_identity(name, _prefix(folder, clones, name)),
                open=functools.partial(_open, one, clones),
            )
        )
    return Found(source=clones.source, items=tuple(items), strays=tuple(strays), left_out=left_out)


def _folders(folder: Path) -> Sequence[Path]:
    try:
        return [one for one in sorted(folder.iterdir()) if one.is_dir() and not one.is_symlink()]
    except OSError:
        return []


def _prefix(folder: Path, clones: Clones, name: str) -> str | None:
    """What comes before the username; None where it cannot be told."""
    assignment = clones.wanted.assignment
    if clones.prefix is not None:
        given = clones.prefix.rstrip("-") + "-"
        return given if name.casefold().startswith(given.casefold()) else None
    if folder.name.endswith("-submissions"):
        slug = folder.name.removesuffix("submissions")
        return slug if name.casefold().startswith(slug.casefold()) else None
    if clones.source == "classroom50":
        before, inside, _after = name.casefold().partition(f"-{assignment.casefold()}-")
        return name[: len(before) + len(inside)] if inside else None
    start = f"{assignment}-"
    return start if name.casefold().startswith(start.casefold()) else None


def _identity(name: str, prefix: str | None) -> Identity:
    username = name[len(prefix) :].removesuffix(".git") if prefix else ""
    if not username:
        return Identity(shown="")
    return Identity(shown=username, keys=(("username", username),), ids=(username.casefold(),))


def _open(folder: Path, clones: Clones) -> HandedWork | None:
    if not is_repository(folder):
        raise SubmissionError(
            _("{path}: is no repository\n  fix: clone it again, or move it away").format(
                path=printable(folder.name)
            )
        )
    try:
        with contextlib.closing(Repository(clones.workshop, folder)) as repository:
            return _work(repository, folder.name.removesuffix(".git"), clones)
    except OSError as error:
        raise SubmissionError(
            _("{path}: cannot be read: {why}\n  fix: check its permissions").format(
                path=printable(folder.name), why=os.strerror(error.errno or 0)
            )
        ) from error


def _work(repository: Repository, name: str, clones: Clones) -> HandedWork | None:
    wanted = clones.wanted
    tags = repository.submit_tags() if clones.source == "classroom50" else []
    tag, commit = tags[-1] if tags else (None, repository.head)
    if commit is None:  # the server's default branch has none; another one may
        if elsewhere := _worked_on_elsewhere(repository, wanted, ""):
            raise SubmissionError(elsewhere[0].text)
        return None
    notes: list[Note] = []
    pushes: Sequence[Push] = ()
    if clones.ask is not None:
        try:
            pushes = clones.ask(name)
        except SubmissionError as error:
            notes.append(Note(str(error), True))
    last = _at(repository, wanted, pushes, commit, tag)
    if clones.ask is not None and not notes and _has_no_push(last):
        text = _(
            "GitHub has no record of the push that brought {commit}, so that it counts as late for "
            "nobody\n  fix: see its branches and tags on GitHub, and decide when it was handed in"
        )
        notes.append(Note(text.format(commit=commit[:12]), True))
    if last is None or not last.changed:
        notes += _worked_on_elsewhere(repository, wanted, commit)
    if last is None:
        if notes:
            raise SubmissionError(notes[0].text)
        return None
    on_time = None
    if wanted.due is not None and last.time_verified and _is_late(last, wanted):
        earlier = _commit_in_time(repository, pushes, tags, wanted)
        if earlier is not None and earlier[0] != commit:
            try:
                on_time = _at(repository, wanted, pushes, *earlier)
            except SubmissionError as error:
                why = _("the version from before the deadline cannot be read: {why}")
                notes.append(Note(why.format(why=error), True))
    if on_time is not None and same_files(on_time.files, last.files):
        on_time = None
    return HandedWork(
        last=msgspec.structs.replace(last, notes=(*last.notes, *notes)),
        on_time=on_time,
        repository=f"{clones.owner}/{name}" if clones.owner else None,
    )


def _at(
    repository: Repository, wanted: Wanted, pushes: Sequence[Push], commit: str, tag: str | None
) -> Version | None:
    """The work as it was in ``commit``, and since when GitHub has it."""
    version = chosen_version(repository.tree(commit), wanted)
    if version is None:
        return None
    push = brought(pushes, repository, commit, repository.branch) if pushes else None
    return msgspec.structs.replace(
        version,
        commit=commit,
        tag=tag,
        submitted_at=push.at if push else repository.commit(commit).at,
        time_source="push" if push else "commit",
        time_verified=push is not None,
    )


def _has_no_push(version: Version | None) -> bool:
    return version is not None and version.changed and not version.time_verified


def _is_late(version: Version, wanted: Wanted) -> bool:
    assert version.submitted_at is not None and wanted.due is not None
    return (version.submitted_at - wanted.due).total_seconds() >= 1


def _commit_in_time(
    repository: Repository,
    pushes: Sequence[Push],
    tags: Sequence[tuple[str, str]],
    wanted: Wanted,
) -> tuple[str, str | None] | None:
    """The commit, and its tag, that was handed in last before the deadline."""
    assert wanted.due is not None
    if not tags:
        push = last_before(pushes, repository.branch, wanted.due)
        return (push.after, None) if push else None
    for tag, commit in reversed(tags):
        push = brought(pushes, repository, commit, repository.branch)
        if push is not None and (push.at - wanted.due).total_seconds() < 1:
            return commit, tag
    return None


def _worked_on_elsewhere(repository: Repository, wanted: Wanted, commit: str) -> list[Note]:
    """A note for each other branch with work on it, where the one that counts has none."""
    notes = []
    others = list(repository.branches().items())[:_MAX_BRANCHES]
    if repository.head not in (None, commit):  # work that was pushed, and not submitted by a tag
        others.insert(0, (repository.branch, str(repository.head)))
    for branch, one in others:
        try:
            version = chosen_version(repository.tree(one), wanted) if one != commit else None
        except SubmissionError:
            continue
        if version is not None and version.changed:
            text = _(
                "the work is on the branch {branch}, which is not the one that counts\n  fix: let "
                "the student merge it, or put the file into the student's folder by hand"
            )
            notes.append(Note(text.format(branch=printable(branch)), True))
    return notes
