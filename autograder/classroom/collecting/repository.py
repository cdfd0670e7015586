"""A student's clone: its branches and tags, its commits, and a commit's files as a tree.

Of the clone, only the files that say where branches stand and the folder of objects are read
(`git_objects`). Its configuration, hooks, index and work tree are not looked at.
"""

from __future__ import annotations

import datetime
import re
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from autograder.classroom.collecting.git_objects import OBJECT_ID, Objects, Workshop
from autograder.classroom.collecting.handed import Refused, alike, too_large
from autograder.classroom.collecting.member_names import why_no_path
from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import names_in_folder, printable, read_regular_file

_MAX_REFS = 10_000
_MAX_REF_BYTES = 4096
_MAX_PACKED_BYTES = 8 * 2**20
_MAX_OBJECT_BYTES = 4 * 2**20  # of a commit, tag or list of files
_MAX_FILES = 5_000
_MAX_SKIPPED = 20  # folders with more than is left of that
_MAX_DEPTH = 8
_MAX_ANCESTORS = 5_000
_REMOTE = "refs/remotes/origin/"
_LOCAL = "refs/heads/"
_COMMITTED = re.compile(rb"^committer .*> (\d{1,12}) [+-]\d{4}$", re.MULTILINE)


class Commit(msgspec.Struct, frozen=True):
    """What is used of a commit. ``at``: what the student's clock said."""

    tree: str
    parents: tuple[str, ...]
    at: datetime.datetime | None


class Repository:
    """The clone in ``folder``; to be closed. Raises SubmissionError where it cannot be read."""

    def __init__(self, ours: Workshop, folder: Path) -> None:
        self.shown = printable(folder.name)
        self._at = _git_folder(folder, self.shown)
        self._refs = self._read_refs()
        self.branch, self.head = self._default()
        hash_name = "sha256" if any(len(name) == 64 for name in self._refs.values()) else "sha1"
        self._objects = Objects(ours, self._at / "objects", hash_name, self.shown)

    def close(self) -> None:
        """End git."""
        self._objects.close()

    def branches(self) -> dict[str, str]:
        """The commits of the branches, as the server had them; without the default one."""
        names = {name: one for name, one in self._refs.items() if name.startswith(_REMOTE)}
        if not names:
            names = {name: one for name, one in self._refs.items() if name.startswith(_LOCAL)}
        short = {
            name.removeprefix(_REMOTE).removeprefix(_LOCAL): one for name, one in names.items()
        }
        return {name: one for name, one in short.items() if name not in ("HEAD", self.branch)}

    def submit_tags(self) -> list[tuple[str, str]]:
        """Name and commit of each ``submit/…`` tag, the newest by its name last."""
        prefix = "refs/tags/submit/"
        return [
            (name.removeprefix("refs/tags/"), self._peeled(one))
            for name, one in sorted(self._refs.items())
            if name.startswith(prefix)
        ]

    def commit(self, name: str) -> Commit:
        """The commit ``name``. Raises SubmissionError."""
        data = self._objects.read(name, "commit", _MAX_OBJECT_BYTES)
        head = data.partition(b"\n\n")[0]
        found: dict[str, list[str]] = {"tree": [], "parent": []}
        for line in head.split(b"\n"):
            key, _space, value = line.partition(b" ")
            if key in (b"tree", b"parent"):
                found[key.decode()].append(value.decode("ascii", "replace"))
        if len(found["tree"]) != 1:
            raise self._objects.error(_("the commit {name} is broken").format(name=name[:12]))
        when = _COMMITTED.search(head)
        at = None
        if when is not None and int(when[1]) < 2**36:
            at = datetime.datetime.fromtimestamp(int(when[1]), datetime.UTC)
        return Commit(found["tree"][0], tuple(found["parent"]), at)

    def has(self, name: str) -> bool:
        """Whether the commit ``name`` is in the clone."""
        known = self._objects.kind_and_size(name)
        return known is not None and known[0] == "commit"

    def holds(self, descendant: str, name: str) -> bool:
        """Whether ``name`` is ``descendant`` or one of its ancestors, the nearest thousands."""
        waiting, seen = deque([descendant]), {descendant}
        while waiting and len(seen) < _MAX_ANCESTORS:
            one = waiting.popleft()
            if one == name:
                return True
            if self.has(one):
                new = [parent for parent in self.commit(one).parents if parent not in seen]
                seen.update(new)
                waiting.extend(new)
        return False

    def tree(self, commit: str) -> CommitTree:
        """The files of ``commit``. Raises SubmissionError."""
        return CommitTree(self._objects, self.commit(commit).tree)

    def _peeled(self, name: str) -> str:
        """The commit that a tag's object leads to."""
        for _step in range(5):
            known = self._objects.kind_and_size(name)
            if known is None or known[0] != "tag":
                return name
            data = self._objects.read(name, "tag", _MAX_OBJECT_BYTES)
            name = data.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
        return name

    def _default(self) -> tuple[str, str | None]:
        """The server's default branch and its commit; None where nothing was ever pushed."""
        for place in (("refs", "remotes", "origin", "HEAD"), ("HEAD",)):
            target = self._line(place)
            if OBJECT_ID.fullmatch(target):
                return "", target
            name = target.removeprefix("ref:").strip()
            branch = name.removeprefix(_REMOTE).removeprefix(_LOCAL)
            for full in (_REMOTE + branch, _LOCAL + branch):
                if branch and full in self._refs:
                    return branch, self._refs[full]
        return "", None

    def _line(self, parts: tuple[str, ...]) -> str:
        try:
            data = read_regular_file(self._at, parts, _MAX_REF_BYTES)
        except FileNotFoundError:
            return ""
        return data.decode("utf-8", "replace").strip()

    def _read_refs(self) -> dict[str, str]:
        if "reftable" in names_in_folder(self._at, ()):
            raise SubmissionError(
                _(
                    "{path}: keeps its branches as a reftable\n  fix: git clone --ref-format=files"
                ).format(path=self.shown)
            )
        refs = {}
        try:
            packed = read_regular_file(self._at, ("packed-refs",), _MAX_PACKED_BYTES)
        except FileNotFoundError:
            packed = b""
        for line in packed.decode("utf-8", "replace").splitlines():
            name, _space, ref = line.partition(" ")
            if OBJECT_ID.fullmatch(name) and ref.startswith("refs/"):
                refs[ref] = name
        for parts in self._loose(("refs",), 8):
            if OBJECT_ID.fullmatch(name := self._line(parts)):
                refs["/".join(parts)] = name
            if len(refs) > _MAX_REFS:
                break
        return refs

    def _loose(self, above: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
        try:
            names = names_in_folder(self._at, above)[:_MAX_REFS]
        except FileNotFoundError:
            return
        for name in names:
            place = self._at.joinpath(*above, name)
            kind = stat.S_IFMT(place.lstat().st_mode)
            if kind == stat.S_IFREG:
                yield (*above, name)
            elif kind == stat.S_IFDIR and depth:
                yield from self._loose((*above, name), depth - 1)
            else:
                raise SubmissionError(
                    _("{path}: a branch is a link\n  fix: clone it again").format(path=self.shown)
                )


def is_repository(folder: Path) -> bool:
    """Whether ``folder`` says it is a clone; whether it can be read is another matter."""
    try:
        return (folder / ".git").exists() or (folder / ".git").is_symlink() or _is_bare(folder)
    except OSError:
        return False


def _is_bare(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("HEAD", "objects", "refs"))


def _git_folder(folder: Path, shown: str) -> Path:
    if folder.is_symlink():
        raise SubmissionError(_("{path}: is a link\n  fix: clone it again").format(path=shown))
    at = folder / ".git"
    if not at.exists() and not at.is_symlink() and _is_bare(folder):
        at = folder
    parts = [at, at / "objects", at / "refs", at / "HEAD"]
    if any(part.is_symlink() for part in parts) or at.is_file():
        raise SubmissionError(
            _(
                "{path}: its .git leads to another folder\n  fix: clone it by itself: git clone URL"
            ).format(path=shown)
        )
    if not (at / "objects").is_dir() or not (at / "refs").is_dir():
        raise SubmissionError(
            _("{path}: is no repository\n  fix: clone it again").format(path=shown)
        )
    return at


class CommitTree:
    """The files of a commit, those at the top first where there are too many."""

    def __init__(self, objects: Objects, root: str) -> None:
        self._objects = objects
        self._names: dict[str, str] = {}
        refused: list[Refused] = []
        waiting = deque([("", root, 0)])
        entries = skipped = 0
        while waiting:
            above, tree, depth = waiting.popleft()
            found = list(self._entries(tree))
            if above and entries + len(found) > _MAX_FILES and skipped < _MAX_SKIPPED:
                refused.append(Refused(above, _("has thousands of files in it")))
                skipped += 1
                continue
            often: dict[str, int] = {}
            for name, _mode, _object in found:
                often[alike(name)] = often.get(alike(name), 0) + 1
            for name, mode, one in found:
                path = above + name
                entries += 1
                why = _why_no_entry(name, mode)
                if not why and often[alike(name)] > 1:
                    why = _("has the same name as another file, on some disks")
                if not why and entries > _MAX_FILES:
                    why = _("comes after thousands of others")
                if not why and mode == 0o40000 and depth >= _MAX_DEPTH:
                    why = _("lies too deep in other folders")
                if why:
                    refused.append(Refused(f"{path}/" if mode == 0o40000 else path, why))
                elif mode == 0o40000:
                    waiting.append((f"{path}/", one, depth + 1))
                else:
                    self._names[path] = one
            if entries > _MAX_FILES:
                late = _("comes after thousands of others")
                refused += [Refused(path, late) for path, _tree, _depth in waiting]
                break
        self.paths: Sequence[str] = tuple(sorted(self._names))
        self.refused: Sequence[Refused] = tuple(refused)

    def read(self, path: str, max_bytes: int) -> bytes:
        """One file's bytes; raises SubmissionError where it cannot be read."""
        known = self._objects.kind_and_size(self._names[path])
        if known is not None and known[1] > max_bytes:
            raise too_large(path, max_bytes)
        return self._objects.read(self._names[path], "blob", max_bytes)

    def _entries(self, tree: str) -> Iterator[tuple[str, int, str]]:
        data = self._objects.read(tree, "tree", _MAX_OBJECT_BYTES)
        size = len(tree) // 2
        at = 0
        while at < len(data):
            end = data.find(b"\0", at)
            mode, _space, name = data[at:end].partition(b" ")
            at = end + 1 + size
            if end < 0 or at > len(data) or not re.fullmatch(rb"[0-7]{1,6}", mode):
                raise self._objects.error(_("a list of files is broken"))
            yield name.decode("utf-8", "surrogateescape"), int(mode, 8), data[end + 1 : at].hex()


def _why_no_entry(name: str, mode: int) -> str:
    if mode == 0o120000:
        return _("is a link")
    if mode == 0o160000:
        return _("is a submodule")
    if mode != 0o40000 and not stat.S_ISREG(mode):
        return _("is no regular file")
    if "/" in name:
        return _("leads to another folder")
    return why_no_path(name)
