"""What a release is refused for: a grade cell that is wrong, a stub that is none, a leak."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.authoring.declared import DeclaredCheck
from autograder.authoring.hints import said_in
from autograder.authoring.notebook import split_solutions
from autograder.errors import AuthorError
from autograder.messages import _
from autograder.messages import languages as known_languages
from autograder.spec import AssignmentSpec

_CANARY = re.compile(r"\bcanary:\s*([0-9a-f]+)\b", re.IGNORECASE)
_TELLING_LINE = 9  # characters; a shorter solution line, such as `return Y`, says nothing


def check_grade_cells(spec: AssignmentSpec, source: Any, path: Path) -> None:
    """Refuse a source notebook whose grade cells are not the exercises of ``spec``, one each."""
    graded: dict[str, Any] = {}
    seen: set[str] = set()
    for cell in source.cells:
        metadata = cell.metadata.get("nbgrader", {})
        grade_id = str(metadata.get("grade_id", ""))
        if grade_id in seen:
            raise AuthorError(
                _("{where}: two cells have the grade_id {name!r}\n  fix: rename one").format(
                    where=_where(path, f'"{grade_id}"'), name=grade_id
                )
            )
        seen.update({grade_id} - {""})
        if metadata.get("grade"):
            graded[grade_id] = cell
    points = {exercise.name: exercise.points for exercise in spec.exercises}
    for name, cell in graded.items():
        where = _where(path, f'"{name}"')
        if name not in points:
            raise AuthorError(
                _(
                    "{where}: the grade cell {name!r} is no exercise of assignment.toml"
                    "\n  fix: one of {names}"
                ).format(where=where, name=name, names=", ".join(points))
            )
        if cell.metadata.nbgrader.get("points") != points[name]:
            raise AuthorError(
                _(
                    "{where}: the grade cell {name!r} has {found} points, assignment.toml {points}"
                    "\n  fix: make them equal"
                ).format(
                    where=where,
                    name=name,
                    found=cell.metadata.nbgrader.get("points"),
                    points=points[name],
                )
            )
        if f'check("{name}")' not in cell.source or cell.metadata.nbgrader.get("solution"):
            raise AuthorError(
                _(
                    "{where}: the grade cell {name!r} does not run the checks of its exercise"
                    '\n  fix: write check("{name}") in it, and "solution": false'
                ).format(where=where, name=name)
            )
    for name in points:
        if name not in graded:
            raise AuthorError(
                _(
                    "{path}: the exercise {name!r} has no grade cell"
                    '\n  fix: add one with "grade": true and this grade_id'
                ).format(path=path, name=name)
            )


def check_stubs(source: Any, released: Any, path: Path) -> None:
    """Refuse a released solution cell that does not stop at ``raise NotImplementedError``."""
    for before, after in zip(source.cells, released.cells, strict=True):
        metadata = after.metadata.get("nbgrader", {})
        if after.cell_type != "code" or not metadata.get("solution"):
            continue
        regions = max(1, before.source.count("BEGIN SOLUTION"))
        if _raised_not_implemented(after.source) < regions:
            raise AuthorError(
                _(
                    "{where}: what students get of the cell {name!r} is no stub: each solution in "
                    "it must leave a raise NotImplementedError() that is Python"
                    "\n  fix: put BEGIN SOLUTION and END SOLUTION around whole statements"
                ).format(where=_where(path, f'"{metadata["grade_id"]}"'), name=metadata["grade_id"])
            )


def check_languages(path: Path, languages: Sequence[str]) -> None:
    """Refuse the languages of the course.toml in ``path`` that there are not."""
    for language in languages:
        if language not in known_languages():
            raise AuthorError(
                _(
                    "{path}: there is no language {language!r}\n  fix: one of {names}; or write "
                    "autograder translations, which makes the catalogs of a new one"
                ).format(path=path, language=language, names=", ".join(known_languages()))
            )


def check_translations(path: Path, texts: Mapping[str, str]) -> None:
    """Refuse translations with other numbers than their source has.

    A translated hint tells no more than the hint does, and no tolerance is another in it.
    """
    for source, translation in texts.items():
        if numbers := other_numbers(source, translation):
            raise AuthorError(
                _(
                    "{where}: source and translation differ in these numbers: {numbers}\n"
                    "  fix: write the same ones, each in figures where it is in figures there"
                ).format(
                    where=_where(path, translation.partition("\n")[0]), numbers=", ".join(numbers)
                )
            )


def other_numbers(source: str, translation: str) -> list[str]:
    """The numbers that stand in one of the two texts only, as they are written there."""
    here, there = said_in(source).numbers, said_in(translation).numbers
    return sorted(
        {text for text, number in here.items() if number not in there.values()}
        | {text for text, number in there.items() if number not in here.values()}
    )


def check_leaks(
    files: Mapping[str, bytes],
    source: Any,
    path: Path,
    staff: Iterable[Path],
    hidden: Iterable[DeclaredCheck],
) -> None:
    """Refuse ``files`` in which a canary, a solution line or a hidden check can be read.

    Args:
        files: The released files by name.
        source: The source notebook, solutions and all.
        path: Where ``source`` was read.
        staff: Files whose canaries must not show.
        hidden: The checks students never see.
    """
    inside, outside = split_solutions(source)
    public = "\n".join(outside)
    solution = [line for line in inside if len(line) >= _TELLING_LINE and line not in public]
    canaries = {text.lower() for file in staff for text in _CANARY.findall(_text(file))}
    hidden = list(hidden)
    for name, data in files.items():
        texts = list(_readable_texts(name, data))
        for text in texts:
            known = next((canary for canary in canaries if canary in text.lower()), None)
            found = _CANARY.search(text)
            if known or found:
                raise AuthorError(
                    _(
                        "{name}: it would carry the canary {canary} to students"
                        "\n  fix: find how staff text came into it; it must not be released"
                    ).format(name=name, canary=known or (found and found[1]))
                )
            for line in solution:
                if line in text:
                    raise AuthorError(
                        _(
                            "{where}: this line of a solution is also in the released {name}: "
                            "{line}\n  fix: take it out of {name}, or out of the solution"
                        ).format(where=_where(path, line), name=name, line=line)
                    )
            for check in hidden:
                if re.search(rf"\b{re.escape(check.name)}\b", text) or _holds(text, check.body):
                    raise AuthorError(
                        _(
                            "{file}:{line}: the released {name} holds the name or the statements "
                            "of the hidden check {check}\n  fix: take it out of {name}, or rename "
                            "and rewrite the hidden check"
                        ).format(file=check.file, line=check.line, name=name, check=check.name)
                    )


def _raised_not_implemented(stub: str) -> int:
    try:
        tree = ast.parse(stub)
    except (SyntaxError, ValueError):
        return 0
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise))
    names = (error.func if isinstance(error, ast.Call) else error for error in raised)
    return sum(isinstance(name, ast.Name) and name.id == "NotImplementedError" for name in names)


def _holds(text: str, body: tuple[str, ...]) -> bool:
    """Whether the statements ``body`` stand in ``text``; one statement alone is no secret."""
    if len(body) < 2:
        return False
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    return "\n" + "\n".join(body) + "\n" in "\n" + "\n".join(kept) + "\n"


def _readable_texts(name: str, data: bytes) -> Iterator[str]:
    """The file as text, and for a notebook every string in it, as JSON hides quotes and lines."""
    text = data.decode("utf-8", errors="replace")
    yield text
    if name.endswith(".ipynb"):
        yield from _strings(json.loads(text))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)  # nbformat writes a cell's source as a list of its lines
        else:
            for item in value:
                yield from _strings(item)


def _where(path: Path, text: str) -> str:
    lines = _text(path).splitlines()
    return next((f"{path}:{n}" for n, line in enumerate(lines, 1) if text in line), str(path))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
