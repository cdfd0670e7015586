"""The texts there are to translate: those of the engine, and those of an assignment."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
from babel.messages.extract import extract

from autograder.authoring.declared import declared_checks, said_by_checks
from autograder.authoring.notebook import released_notebook, source_notebook
from autograder.authoring.texts import docstrings, markdown_texts
from autograder.messages import ENGLISH
from autograder.misconceptions import read_misconceptions
from autograder.spec import Course

_ENGINE = Path(__file__).parents[1]
# Sentences that stand there as constants, as nothing of ours may be imported there; translated
# where they arrive.
_CONSTANTS = frozenset(("sandbox/inside/words.py", "command_language.py"))
_Id: TypeAlias = str | tuple[str, str]


class Text(msgspec.Struct, frozen=True):
    """One text, or the singular and the plural of one, and where it was found."""

    id: _Id
    file: str
    line: int
    what: str = ""  # for the translator


def engine_texts() -> list[Text]:
    """All that the engine says to people, in the order of its files."""
    texts: list[Text] = []
    for path in sorted(_ENGINE.rglob("*.py")):
        file = path.relative_to(_ENGINE).as_posix()
        tree = ast.parse(path.read_bytes())
        found = [*_calls(tree), *(_constants(tree) if file in _CONSTANTS else ())]
        texts += sorted(
            (Text(id, f"autograder/{file}", line, what) for id, line, what in found),
            key=lambda text: text.line,
        )
    for path in sorted(_ENGINE.rglob("*.j2")):
        texts += _of_template(path)
    return texts


def assignment_texts(course: Course, name: str) -> list[Text]:
    """All that people read of assignment ``name``: titles, hints, misconceptions, the release.

    Raises:
        AuthorError: A file of it is missing or wrong.
        OperatorError: ``course`` has no such assignment.
    """
    return list(_of_assignment(course, name))


def _of_assignment(course: Course, name: str) -> Iterator[Text]:
    spec = course.assignment(name, ENGLISH)
    path = course.source(name)

    def text(id: str, file: Path, line: int, what: str) -> Text:
        return Text(id, file.relative_to(course.root).as_posix(), line, what)

    settings = path.with_name("assignment.toml")
    yield text(spec.title, settings, 1, "title of the assignment")
    for number, exercise in enumerate(spec.exercises, 2):
        yield text(exercise.title, settings, number, "title of an exercise")
    readme = path.with_name("README.md")
    for number, one in enumerate(markdown_texts(readme.read_text(encoding="utf-8")), 1):
        yield text(one, readme, number, "students' README")
    source = source_notebook(path.read_text(encoding="utf-8"), path)
    for number, cell in enumerate(released_notebook(source, path).cells, 1):
        is_code = cell.cell_type == "code"
        for one in docstrings(cell.source) if is_code else markdown_texts(cell.source):
            yield text(one, path, number, "docstring" if is_code else "notebook")
    for kind, folder in (
        ("visible", course.visible_checks(name)),
        ("hidden", course.hidden_checks(name)),
    ):
        for check in declared_checks(folder):
            yield text(check.title, check.file, check.line, f"title of a {kind} check")
            for hint in check.hints:
                yield text(hint, check.file, check.line, f"hint of a {kind} check")
        for told, file, line in said_by_checks(folder):
            yield text(told, file, line, f"said by a {kind} check")
    hidden = course.hidden_checks(name)
    for number, known in enumerate(read_misconceptions(hidden, spec).known, 1):
        file = hidden / "misconceptions.py"
        yield text(known.to_student, file, number, f"{known.name}: said to the student")
        yield text(known.to_instructor, file, number, f"{known.name}: said to the instructor")
        yield text(known.read_on, file, number, f"{known.name}: where the student reads on")


def _calls(tree: ast.Module) -> Iterator[tuple[_Id, int, str]]:
    """What ``_`` and ``ngettext`` are called with, and the help of the command line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            texts = [_literal(one) for one in node.args]
            if name == "_" and texts and texts[0]:
                yield texts[0], node.lineno, ""
            elif name == "ngettext" and len(texts) > 1 and texts[0] and texts[1]:
                yield (texts[0], texts[1]), node.lineno, ""
            elif name.startswith("typer."):
                for keyword in node.keywords:
                    if keyword.arg == "help" and (text := _literal(keyword.value)):
                        yield text, node.lineno, "help"
        elif isinstance(node, ast.FunctionDef) and any(
            ast.unparse(one).startswith("app.command(") for one in node.decorator_list
        ):
            yield inspect.cleandoc(ast.get_docstring(node) or ""), node.lineno, "help"


def _constants(tree: ast.Module) -> Iterator[tuple[_Id, int, str]]:
    """Texts that public names stand for, one or several."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and not ast.unparse(node.targets[0]).startswith("_"):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            yield from ((text, one.lineno, "") for one in values if (text := _literal(one)))


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _of_template(path: Path) -> Iterator[Text]:
    file = f"autograder/{path.relative_to(_ENGINE).as_posix()}"
    with path.open("rb") as template:
        found = list(extract("jinja2", template, {"_": None, "ngettext": (1, 2)}))
    for line, text, _comments, _context in found:
        yield Text(text if isinstance(text, str) else (text[0], text[1]), file, line)
