"""The release: what students get of an assignment, made from its one source by allow-list."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from autograder.authoring.declared import DeclaredCheck, declared_checks, said_by_checks
from autograder.authoring.notebook import (
    notebook_bytes,
    released_notebook,
    script_bytes,
    source_notebook,
)
from autograder.authoring.refusals import (
    check_grade_cells,
    check_languages,
    check_leaks,
    check_stubs,
    check_translations,
)
from autograder.authoring.texts import translated_docstrings, translated_markdown
from autograder.errors import AuthorError
from autograder.messages import ENGLISH, _
from autograder.spec import Course

# Running the visible checks or the notebook in the folder makes these. Git ignores them and
# nothing is released from the folder but the allow-list, so they are no reason to refuse.
_TOOLS_FOLDERS = frozenset({"__pycache__", ".pytest_cache", ".ipynb_checkpoints", ".autograder"})

# What students run is the same in every language.
_CONFTEST = '''\
"""Runs the checks you can see on your file: type `pytest` in this folder.

Generated from the assignment; nothing you change here is handed in.
"""

ASSIGNMENT = {assignment}

{ignored}pytest_plugins = ["autograder.student.plugin"]
'''


def build_release(course: Course, assignment: str, language: str | None = None) -> dict[str, bytes]:
    """The released files by name: exactly these five, the same bytes from the same source.

    Texts are in ``language``, by default the first of course.toml; what has no translation is in
    English, and what students run is the same in all of them.

    Raises:
        AuthorError: A source is missing or wrong, or a released file would give staff text away.
        OperatorError: ``course`` has no such assignment.
    """
    language = language or course.spec.languages[0]
    spec = course.assignment(assignment, language)
    path = course.source(assignment)
    hidden = declared_checks(course.hidden_checks(assignment))
    check_translations(course.translations(assignment, language), spec.texts)
    source = build_source_notebook(course, assignment, language)
    released = released_notebook(source, path)
    check_stubs(source, released, path)
    readme = _read(path.with_name("README.md"))
    if spec.texts:
        readme = translated_markdown(readme.decode(), spec.say).encode()
    files = {
        f"{assignment}.ipynb": notebook_bytes(released),
        f"{assignment}.py": script_bytes(released),
        "README.md": readme,
        "test_visible.py": _read(course.visible_checks(assignment) / "test_visible.py"),
        "conftest.py": _conftest(course, assignment, hidden),
    }
    check_leaks(files, source, path, _staff_files(course, assignment), hidden)
    return files


def build_source_notebook(course: Course, assignment: str, language: str | None = None) -> Any:
    """The notebook node nbgrader starts from: solutions and all, its grade cells checked.

    Raises:
        AuthorError: The source is missing, or its grade cells are not those of assignment.toml.
    """
    spec = course.assignment(assignment, language or course.spec.languages[0])
    path = course.source(assignment)
    source = source_notebook(_read(path).decode("utf-8", errors="replace"), path)
    check_grade_cells(spec, source, path)
    for cell in source.cells if spec.texts else ():
        translated = translated_docstrings if cell.cell_type == "code" else translated_markdown
        cell.source = translated(cell.source, spec.say)
    return source


def write_release(course: Course, assignment: str) -> list[str]:
    """Write the release to assignments/``assignment``; the names of the files that changed.

    Raises:
        AuthorError: As `build_release`; or the folder holds a link or a file that is not listed.
        OperatorError: ``course`` has no such assignment.
    """
    check_languages(course.root / "course.toml", course.spec.languages)
    folders = course.releases(assignment)
    built = {language: build_release(course, assignment, language) for language in folders}
    main, *others = folders.values()
    for language, folder in folders.items():
        inside = [one.name for one in others] if folder == main else []
        check_target(folder, built[language], inside)
    changed = []
    for language, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in built[language].items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != data:
                replace_file(path, data, scratch=course.root / "build")
                changed.append(path.relative_to(main).as_posix())
    return changed


def check_target(folder: Path, names: Iterable[str], folders: Iterable[str] = ()) -> None:
    """Refuse a folder that is or holds a link, or holds anything but the files ``names``.

    In it may be ``folders``, which are looked at by themselves.

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
        if path.name in {*_TOOLS_FOLDERS, *folders} and path.is_dir():
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


def _conftest(course: Course, name: str, hidden: list[DeclaredCheck]) -> bytes:
    spec = course.assignment(name, ENGLISH)
    languages = list(course.releases(name))
    assignment: dict[str, object] = {
        "name": spec.name,
        "title": spec.title,
        "exercises": msgspec.to_builtins(spec.exercises),
        "hidden_checks": {"count": len(hidden), "points": sum(check.points for check in hidden)},
        "layers": spec.layers,
        "stand_ins": spec.stand_ins,
        "windows": spec.windows,
        "tensors": spec.tensors,
        "limits": msgspec.to_builtins(spec.limits),
    }
    if texts := {one: found for one in languages if (found := _seen_texts(course, name, one))}:
        assignment["texts"] = texts
    # JSON of strings, numbers, lists and dicts is Python too; a test reads it back as a literal.
    literal = json.dumps(assignment, indent=4, ensure_ascii=False)
    # Where the folders of other languages lie inside, pytest here is about this one alone.
    ignored = f"collect_ignore = {json.dumps(languages[1:])}\n" if languages[1:] else ""
    return _CONFTEST.format(assignment=literal, ignored=ignored).encode()


def seen_texts(course: Course, name: str) -> list[str]:
    """What the checker on a student's machine says of an assignment: titles, hints, failures."""
    spec = course.assignment(name, ENGLISH)
    folder = course.visible_checks(name)
    checks = declared_checks(folder)
    return [
        spec.title,
        *(exercise.title for exercise in spec.exercises),
        *(text for check in checks for text in (check.title, *check.hints)),
        *(text for text, _file, _line in said_by_checks(folder)),
    ]


def _seen_texts(course: Course, name: str, language: str) -> dict[str, str]:
    """The translations of what the checker on a student's machine says of the assignment."""
    texts = course.texts(name, language)
    return {text: texts[text] for text in seen_texts(course, name) if text in texts}


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
