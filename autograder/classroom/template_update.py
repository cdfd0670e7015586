"""What brings corrected checks to repositories that students have already: a branch in each clone.

It touches what is the course's and no file that students write in. The branch is made of objects
alone: of what is in the clone nothing is checked out, run or followed.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec

from autograder import escape
from autograder.classroom.template_git import commit, git, paths_in, tree_of
from autograder.errors import OperatorError
from autograder.messages import _

_THEIRS = frozenset((".gitignore", ".gitattributes", ".devcontainer/devcontainer.json"))
_WHEEL = re.compile(r"convcourse-[^/]*\.whl")


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What every repository gets: the files by path, and what is told with them."""

    assignment: str
    files: Mapping[str, bytes]
    title: str
    body: str
    branch: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What was done in one clone: ``changed`` is empty where nothing was to be done."""

    clone: Path
    changed: tuple[str, ...]


def update_of(assignment: str, files: Mapping[str, bytes]) -> Update:
    """The update that the template's ``files`` come to."""
    ours = {path: data for path, data in files.items() if _is_ours(path, assignment)}
    digest = hashlib.sha256()
    for path, data in sorted(ours.items()):
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    return Update(
        assignment=assignment,
        files=ours,
        title=_("Corrected checks for {assignment}").format(assignment=assignment),
        body=_body(ours),
        branch=f"corrected-checks-{digest.hexdigest()[:12]}",
    )


def write_update(update: Update, folder: Path) -> None:
    """Write title, text and files to ``folder``, for whoever brings them there in another way."""
    there = {f"files/{path}": data for path, data in update.files.items()}
    there |= {"title.txt": f"{update.title}\n".encode(), "body.md": update.body.encode()}
    for path, data in there.items():
        place = folder / path
        above = [one for one in place.parents if one.is_relative_to(folder)]
        if any(one.is_symlink() for one in (place, *above)):
            raise OperatorError(
                _("{path}: is or lies behind a link\n  fix: delete it").format(path=place)
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def prepare(update: Update, clone: Path) -> Prepared:
    """Make the update's branch in ``clone``, on top of what its student has pushed.

    Where it is made already, it is the same again; where nothing is to be changed, none is made.

    Raises OperatorError where ``clone`` is no repository of the assignment.
    """
    tip = _tip(clone)
    there = paths_in(clone, tip)
    forms = {f"{update.assignment}.ipynb", f"{update.assignment}.py"}
    if not forms & set(there):
        raise OperatorError(
            _("{clone}: holds neither {name}.ipynb nor {name}.py\n  fix: leave it out").format(
                clone=clone, name=update.assignment
            )
        )
    old = [path for path in there if _WHEEL.fullmatch(path)]
    made = commit(clone, update.files, f"{update.title}\n\n{update.body}", tip, old)
    if tree_of(clone, made) == tree_of(clone, tip):
        return Prepared(clone=clone, changed=())
    # No reference in the place of the branch is followed: it may be to the student's own.
    git(clone, "update-ref", "--no-deref", f"refs/heads/{update.branch}", made)
    listed = git(clone, "diff-tree", "-r", "-z", "--name-only", "--no-renames", tip, made)
    changed = [path.decode("utf-8", "replace") for path in listed.split(b"\0") if path]
    return Prepared(clone=clone, changed=tuple(changed))


def commands(update: Update, clone: Path, body: Path) -> str:
    """The commands that open the pull request, to be read before they are run."""
    place, branch = shlex.quote(str(clone)), shlex.quote(update.branch)
    title, file = shlex.quote(update.title), shlex.quote(str(body.resolve()))
    said = (
        f"git -C {place} push origin {branch}\n"
        f"(cd {place} && gh pr create --head {branch} --title {title} --body-file {file})"
    )
    return escape.lines(said)


def _tip(clone: Path) -> str:
    """The commit that the student pushed last, as the clone knows it."""
    place = clone / ".git"
    if place.is_dir() and not place.is_symlink() and not (place / "commondir").exists():
        pushed = git(clone, "for-each-ref", "--format=%(objectname)", "refs/remotes/origin/HEAD")
        found = pushed or git(clone, "rev-parse", "--verify", "HEAD^{commit}")
        return found.decode().split()[0]
    raise OperatorError(
        _("{clone}: is no clone of a repository\n  fix: name the folder of one").format(clone=clone)
    )


def _is_ours(path: str, assignment: str) -> bool:
    """Not what students write in, and not what they may have made their own."""
    name = PurePosixPath(path).name
    return path not in _THEIRS and name not in (f"{assignment}.ipynb", f"{assignment}.py")


def _body(files: Mapping[str, bytes]) -> str:
    listed = "\n".join(f"- `{path}`" for path in sorted(files))
    return (
        _(
            "The checks that you can see were corrected. This brings them here, with the checker "
            "and the workflow that belong to them. Your notebook and your script stay as they are. "
            "What is graded does not depend on whether you merge it."
        )
        + f"\n\n{listed}\n"
    )
