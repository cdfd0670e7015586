"""The release: what students get of an assignment, made from its one source by allow-list."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from autograder.authoring.declared import DeclaredCheck, declared_checks
from autograder.authoring.notebook import (
    notebook_bytes,
    released_notebook,
    script_bytes,
    source_notebook,
)
from autograder.authoring.refusals import check_grade_cells, check_leaks, check_stubs
from autograder.errors import AuthorError
from autograder.messages import _
from autograder.spec import AssignmentSpec, Course

# Running the visible checks or the notebook in the folder makes these. Git ignores them and
# nothing is released from the folder but the allow-list, so they are no reason to refuse.
_TOOLS_FOLDERS = frozenset({"__pycache__", ".pytest_cache", ".ipynb_checkpoints"})

# What students run is not translated: the same source gives the same bytes in every language.
_CONFTEST = '''\
"""Runs the checks you can see on your file: type `pytest` in this folder.

Generated from the assignment; nothing you change here is handed in.
"""

ASSIGNMENT = {assignment}

pytest_plugins = ["autograder.student.plugin"]
'''


def build_release(course: Course, assignment: str) -> dict[str, bytes]:
    """The released files by name: exactly these five, the same bytes from the same source.

    Raises:
        AuthorError: A source is missing or wrong, or a released file would give staff text away.
        OperatorError: ``course`` has no such assignment.
    """
    spec = course.assignment(assignment)
    path = course.source(assignment)
    hidden = declared_checks(course.hidden_checks(assignment))
    source = build_source_notebook(course, assignment)
    released = released_notebook(source, path)
    check_stubs(source, released, path)
    files = {
        f"{assignment}.ipynb": notebook_bytes(released),
        f"{assignment}.py": script_bytes(released),
        "README.md": _read(path.with_name("README.md")),
        "test_visible.py": _read(course.visible_checks(assignment) / "test_visible.py"),
        "conftest.py": _conftest(spec, hidden),
    }
    check_leaks(files, source, path, _staff_files(course, assignment), hidden)
    return files


def build_source_notebook(course: Course, assignment: str) -> Any:
    """The notebook node nbgrader starts from: solutions and all, its grade cells checked.

    Raises:
        AuthorError: The source is missing, or its grade cells are not those of assignment.toml.
    """
    spec = course.assignment(assignment)
    path = course.source(assignment)
    source = source_notebook(_read(path).decode("utf-8", errors="replace"), path)
    check_grade_cells(spec, source, path)
    return source


def write_release(course: Course, assignment: str) -> list[str]:
    """Write the release to assignments/``assignment``; the names of the files that changed.

    Raises:
        AuthorError: As `build_release`; or the folder holds a link or a file that is not listed.
        OperatorError: ``course`` has no such assignment.
    """
    files = build_release(course, assignment)
    folder = course.release(assignment)
    check_target(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            replace_file(path, data, scratch=course.root / "build")
            changed.append(name)
    return changed


def check_target(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder that is or holds a link, or holds anything but the files ``names``.

    Raises:
        AuthorError: What was found, and where.
    """
    for path in (folder.parent, folder, *sorted(folder.rglob("*"))):
        if path.is_symlink():
            raise AuthorError(
                _("{path}: it is a link, and leads out of the release\n  fix: delete it").format(
                    path=path
                )
            )
    allowed = frozenset(names)
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        if path.name in _TOOLS_FOLDERS and path.is_dir():
            continue
        if path.name not in allowed or not path.is_file():
            raise AuthorError(
                _(
                    "{path}: it is not on the list of what students get: {names}"
                    "\n  fix: move it away; what is to be released comes from solutions/"
                ).format(path=path, names=", ".join(sorted(allowed)))
            )


def replace_file(path: Path, data: bytes, scratch: Path) -> None:
    """Give ``path`` the content ``data``, at once or not at all.

    Args:
        path: The file; its folder exists.
        data: All of its bytes.
        scratch: A folder on the same disk for the unfinished file, which must not lie where a
            crash would leave it among the released files.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    unfinished = scratch / f".{path.name}.{os.getpid()}"
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _conftest(spec: AssignmentSpec, hidden: list[DeclaredCheck]) -> bytes:
    assignment = {
        "name": spec.name,
        "title": spec.title,
        "exercises": msgspec.to_builtins(spec.exercises),
        "hidden_checks": {"count": len(hidden), "points": sum(check.points for check in hidden)},
        "layers": spec.layers,
        "stand_ins": spec.stand_ins,
        "limits": msgspec.to_builtins(spec.limits),
    }
    # JSON of strings, numbers, lists and dicts is Python too; a test reads it back as a literal.
    literal = json.dumps(assignment, indent=4, ensure_ascii=False)
    return _CONFTEST.format(assignment=literal).encode()


def _staff_files(course: Course, assignment: str) -> list[Path]:
    folders = (course.source(assignment).parent, course.hidden_checks(assignment))
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuthorError(
            _("{path}: {reason}, and the release needs it\n  fix: write it").format(
                path=path, reason=error.strerror
            )
        ) from error
