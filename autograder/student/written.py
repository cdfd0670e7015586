"""Of a folder's notebook and script the one to check: what is written in each, and when."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.sandbox.inside.cells import PARSE_ERRORS
from autograder.submission import code_cells

# No Python; of a notebook's cell the rest is.
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


class _Written(msgspec.Struct, frozen=True):
    """What a form holds; ``pieces`` are its functions without comments, and cells with errors."""

    path: Path
    saved_ns: int
    pieces: frozenset[str]
    stubs: int
    is_readable: bool = True


def chosen(one: Path, other: Path) -> tuple[Path, str]:
    """Of two forms the one to check, and a sentence on the other where that has to be known of.

    It is the one saved last; unless the other has fewer stubs, and every function that is written
    in the one saved last. So no newer work is passed over for older.
    """
    last, first = sorted(map(_written, (one, other)), key=lambda w: w.saved_ns, reverse=True)
    if last.is_readable and last.pieces <= first.pieces and first.stubs < last.stubs:
        return first.path, _(
            "{other} was saved later, and nothing more is written in it than in {file}. "
            "`autograder check {other}` runs it"
        ).format(other=last.path.name, file=first.path.name)
    if first.pieces <= last.pieces:
        return last.path, ""
    return last.path, _(
        "{other} is there as well; this is {file}, saved last. `autograder check {other}` runs "
        "the other"
    ).format(other=first.path.name, file=last.path.name)


def _written(path: Path) -> _Written:
    """Nothing is run. What cannot be read holds nothing, and whoever is to check it says why."""
    saved_ns = path.stat().st_mtime_ns
    try:
        cells = code_cells(path.name, path.read_bytes())
    except SubmissionError:
        return _Written(path, saved_ns, frozenset(), 0, is_readable=False)
    pieces: set[str] = set()
    stubs = 0
    for cell in cells:
        try:
            for function in _functions(ast.parse(_MAGIC.sub("", cell.source))):
                if any(map(_is_stub, ast.walk(function))):
                    stubs += 1
                else:
                    pieces.add(ast.dump(function))
        except PARSE_ERRORS:
            pieces.add(cell.source)
    return _Written(path, saved_ns, frozenset(pieces), stubs)


def _functions(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_stub(node: ast.AST) -> bool:
    """``raise NotImplementedError``, called or not, without a text: torch's own has one."""
    match node:
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(ast.Name(id="NotImplementedError"), [], [])):
            return True
    return False
