"""The checks that test files declare, read from their text and never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from autograder.checks.declare import sentence
from autograder.errors import AuthorError
from autograder.messages import _

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class DeclaredCheck(msgspec.Struct, frozen=True):
    """One ``@check(exercise, points=…)`` as it stands in its file.

    ``body`` holds the lines of its statements, stripped, without docstring, comments and blanks.
    """

    file: Path
    line: int
    name: str
    exercise: str
    points: int
    title: str
    hints: tuple[str, ...]
    body: tuple[str, ...]


def declared_checks(path: Path) -> list[DeclaredCheck]:
    """The checks in the test file ``path``, or in every ``test_*.py`` under the folder ``path``.

    Sorted by file and then by line; a folder that does not exist declares none.

    Raises:
        AuthorError: A file does not parse, or a check's exercise or points are no plain literal,
            which would make the number of points depend on running the file.
    """
    files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path] if path.is_file() else []
    return [found for file in files for found in _checks_of(file)]


def said_by_checks(path: Path) -> list[tuple[str, Path, int]]:
    """What else the checks say to who fails them, with file and line: plain messages of ``assert``
    and what is compared, ``what=``.

    As `declared_checks` takes ``path``. Raises AuthorError where a file does not parse.
    """
    files = sorted(path.rglob("test_*.py")) if path.is_dir() else [path] if path.is_file() else []
    found = []
    for file in files:
        for node in ast.walk(_parsed(file)[1]):
            told = node.msg if isinstance(node, ast.Assert) else None
            if isinstance(node, ast.keyword) and node.arg == "what":
                told = node.value
            text = _literal(told)
            if isinstance(text, str) and told is not None:
                found.append((text, file, told.lineno))
    return sorted(found, key=lambda one: one[1:])


def _parsed(file: Path) -> tuple[str, ast.Module]:
    try:
        text = file.read_text(encoding="utf-8")
        return text, ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise AuthorError(
            _("{file}: it cannot be read as Python: {error}\n  fix: correct that line").format(
                file=file, error=error
            )
        ) from error


def _checks_of(file: Path) -> Iterator[DeclaredCheck]:
    text, tree = _parsed(file)
    lines = text.splitlines()
    functions = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    for function in sorted(functions, key=lambda node: node.lineno):
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and _called_name(decorator) == "check":
                yield _read(file, lines, function, decorator)


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _read(file: Path, lines: list[str], function: _Function, call: ast.Call) -> DeclaredCheck:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    exercise = _literal(call.args[0] if call.args else keywords.get("exercise"))
    points = _literal(keywords.get("points"))
    if not isinstance(exercise, str) or not isinstance(points, int) or isinstance(points, bool):
        raise AuthorError(
            _(
                "{file}:{line}: the check {name} does not say its exercise and whole points plainly"
                '\n  fix: write @check("<exercise>", points=<number>, hint="…")'
            ).format(file=file, line=call.lineno, name=function.name)
        )
    title = _literal(keywords.get("title"))
    return DeclaredCheck(
        file,
        function.lineno,
        function.name,
        exercise,
        points,
        title if isinstance(title, str) and title else sentence(function.name),
        _hints(keywords.get("hint")),
        _body(lines, function),
    )


def _literal(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _hints(node: ast.expr | None) -> tuple[str, ...]:
    """One or several; those alone that stand there plainly, as only they can be translated."""
    nodes = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return tuple(text for one in nodes if isinstance(text := _literal(one), str))


def _body(lines: list[str], function: _Function) -> tuple[str, ...]:
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not statements:
        return ()
    stripped = [line.strip() for line in lines[statements[0].lineno - 1 : function.end_lineno]]
    return tuple(line for line in stripped if line and not line.startswith("#"))
