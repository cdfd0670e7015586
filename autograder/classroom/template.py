"""The repository that students start from: the release, their checker, and what runs it there.

By allow-list: what is not named here is not in it. It has a history of its own, of one commit,
which is the same whenever it is made of the same.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.authoring.release import build_release, check_target
from autograder.classroom.template_git import AUTHOR, commit, git, paths_in, tree_of
from autograder.classroom.template_wheel import student_wheel
from autograder.errors import AuthorError, OperatorError
from autograder.messages import _, in_language
from autograder.spec import Course

WORKFLOW = ".github/workflows/check.yml"
BRANCH = "main"
_FILES = Path(__file__).with_name("template_files")
_OURS = {  # where each of them stands in the template
    "check.yml": WORKFLOW,
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
}
_MESSAGE = "The assignment as it is handed out\n"
_VARIABLE = "${{ vars.TORCH_INDEX }}"
_ADDRESS = re.compile(r"https?://[\w.~:/%+-]+", re.ASCII)


def template_files(course: Course, assignment: str, torch_index: str = "") -> dict[str, bytes]:
    """All files of the template by path, in the order of their paths.

    Args:
        course: The course repository.
        assignment: Which of its assignments.
        torch_index: Address of a package index with CPU builds of torch; without one the workflow
            takes the variable TORCH_INDEX of the students' repositories or their organization.

    Raises:
        AuthorError: What students get is not what its source gives; or it is, and leaks.
        OperatorError: The checker cannot be built, or ``torch_index`` is no address.
    """
    if torch_index and not _ADDRESS.fullmatch(torch_index):
        raise OperatorError(
            _("--torch-index {address}: is no address\n  fix: https://HOST/PATH").format(
                address=torch_index
            )
        )
    folders = course.releases(assignment)
    _main, *others = folders.values()
    inside = [folder.name for folder in others]
    releases = {one: _released(course, assignment, one, inside) for one in folders}
    name, wheel = student_wheel(course.root / "build")
    files = {name: wheel}
    for language, released in releases.items():
        folder = folders[language]
        place = "" if folder == course.release(assignment) else f"{folder.name}/"
        with in_language(language):
            released["README.md"] += _said_in_a_repository(place, name).encode()
        files |= {place + path: data for path, data in released.items()}
    for source, path in _OURS.items():
        text = (_FILES / source).read_text(encoding="utf-8")
        in_json = path.endswith(".json")
        value = torch_index if in_json else json.dumps(torch_index) if torch_index else _VARIABLE
        text = text.replace("@TORCH_INDEX@", value).replace("@LANGUAGE@", next(iter(folders)))
        files[path] = text.encode()
    return dict(sorted(files.items()))


def write_template(files: Mapping[str, bytes], folder: Path) -> bool:
    """Make ``folder`` a fresh repository that holds ``files``; whether it was not that already.

    Raises OperatorError where ``folder`` holds anything but a template that nobody changed.
    """
    for path in (folder, folder.parent):
        if path.is_symlink():
            raise OperatorError(
                _("{path}: is a link\n  fix: name another --output").format(path=path)
            )
    if folder.exists():
        _refuse_what_is_not_ours(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        _make(files, unfinished)
        if folder.exists():
            if _head(folder) == _head(unfinished):
                return False
            shutil.rmtree(folder)
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return True


def _make(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir()
    git(folder, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
    made = commit(folder, files, _MESSAGE)
    git(folder, "update-ref", f"refs/heads/{BRANCH}", made)
    git(folder, "read-tree", "HEAD")
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    if paths_in(folder, "HEAD") != dict.fromkeys(files, "100644") or _status(folder):
        raise OperatorError(
            _("{folder}: is not what was put there\n  fix: run the same command again").format(
                folder=folder
            )
        )


def _released(
    course: Course, assignment: str, language: str, inside: list[str]
) -> dict[str, bytes]:
    """The committed release in ``language``, which is what its source gives."""
    folder = course.releases(assignment)[language]
    built = build_release(course, assignment, language)
    check_target(folder, built, inside if folder == course.release(assignment) else ())
    for name, data in built.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            raise AuthorError(
                _("{path}: is not what its source gives\n  fix: autograder release {name}").format(
                    path=path, name=assignment
                )
            )
    return built


def _said_in_a_repository(place: str, wheel: str) -> str:
    """What a README says in the template only. ``place`` is its folder, or empty."""
    lines = [
        "",
        "## " + _("This repository"),
        "",
        _(
            "The checker is here: `{wheel}`. A codespace or a dev container of this repository "
            "installs it by itself."
        ).format(wheel=("../" if place else "") + wheel),
        "",
        _(
            "Each push runs the visible checks on GitHub. Open *Actions*, then the latest run: its "
            "summary shows the points, what fails, and a hint. That is practice, and no grade: "
            "hidden checks are not run there."
        ),
        "",
    ]
    if place:
        lines += [_("The files that are checked and graded lie in the folder above this one."), ""]
    return "\n".join(lines)


def _refuse_what_is_not_ours(folder: Path) -> None:
    is_ours = (
        (folder / ".git").is_dir()
        and not _status(folder)
        and git(folder, "log", "--all", "--format=%an %s").decode().splitlines()
        == [f"{AUTHOR} {_MESSAGE.strip()}"]
        and not git(folder, "remote")
    )
    if not is_ours:
        raise OperatorError(
            _(
                "{folder}: is there, and is no template as this command makes it\n"
                "  fix: delete it, or name another --output"
            ).format(folder=folder)
        )


def _status(folder: Path) -> bytes:
    return git(folder, "status", "--porcelain", "--ignored")


def _head(folder: Path) -> str:
    return tree_of(folder, "HEAD")
