"""Run a submission's cells in order, statement by statement.

A statement that raises loses only itself, a cell that does not parse loses only itself.
"""

from __future__ import annotations
import __future__

import ast
import functools
import importlib.util
import io
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from .wire import MAX_TEXT, Cell, StatementStatus

# What Python raises for source it cannot parse: too deep, too large, or with a NUL in it.
PARSE_ERRORS = (SyntaxError, RecursionError, MemoryError, ValueError)
_CELL_MARKER = re.compile(r"^#(?: ?%%| In\[)", re.MULTILINE)
# A notebook printed as text has prompts, "In [3]:", or fences.
_PRINTED = re.compile(r"^(?:In \[\d*\]:[ \t]*|```[^\n]*)", re.MULTILINE)
_PRINTED_MARKER = re.compile(r"^(?:In \[\d*\]:|```|#{2,6} )", re.MULTILINE)
# Every repeat takes spaces of one line only: one that also takes newlines is quadratic.
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)*")
_BODY_MAGIC = re.compile(r"\A((?:[ \t]*\n)*)[ \t]*%%(?:time|timeit|capture|prun)\b[^\n]*")
_LINE_MAGIC = re.compile(r"^([ \t]*)%(?:time|timeit|prun)[ \t]+(?=[^-\s])", re.MULTILINE)
_MAX_PROBLEM = 2048  # characters; so many of them fit into one answer
_FUTURE_FLAGS = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag,
    __future__.all_feature_names,
    0,
)


class Progress(Protocol):
    """Told before each statement, and before a cell is parsed (statement -1)."""

    def __call__(self, cell: int, statement: int, name: str, line: int) -> None:
        """``name`` and ``line`` say where it stands in the file."""
        ...


def run_cells(
    cells: Sequence[Cell],
    skip: frozenset[tuple[int, int]],
    namespace: dict[str, Any],
    progress: Progress,
    after_statement: Callable[[], None],
    catch: tuple[type[BaseException], ...],
) -> list[StatementStatus]:
    """Run ``cells`` in ``namespace``; what did not run to its end.

    ``skip`` holds the (cell, statement) that an earlier child did not survive. ``catch`` is what a
    statement may raise without ending the run.
    """
    for cell in cells:  # so that tracebacks can show the lines
        lines = ["\n"] * (cell.first_line - 1) + list(io.StringIO(cell.source))
        linecache.cache[cell.name] = (len(cell.source), None, lines, cell.name)
    failed: list[StatementStatus] = []
    flags = 0
    for number, cell in enumerate(_split_where_broken(cells, progress, skip)):
        if (number, -1) in skip:
            continue
        progress(number, -1, cell.name, cell.first_line)
        try:
            tree = _parse(cell.source)
        except PARSE_ERRORS as error:
            failed.append(_parse_failure(number, cell, error))
            continue
        if cell.first_line > 1:  # it walks the whole tree
            ast.increment_lineno(tree, cell.first_line - 1)
        for index, statement in enumerate(_statements(tree)):
            if (number, index) in skip:
                continue
            progress(number, index, cell.name, statement.lineno)
            try:
                module = ast.Module([statement], [])
                code = compile(module, cell.name, "exec", flags, dont_inherit=True)
                exec(code, namespace)  # <- student code runs here: the one line that does it
            except catch as error:
                line = student_line(error, {cell.name}) or statement.lineno
                text = clip(f"{cell.name}:{line}: {describe(error)}", _MAX_PROBLEM)
                failed.append(StatementStatus(number, index, line, text))
            else:
                flags |= code.co_flags & _FUTURE_FLAGS  # `from __future__` holds for what follows
            after_statement()
    return failed


def describe(error: BaseException) -> str:
    """``TypeName: text``, whatever the exception's own ``__str__`` does."""
    try:
        text = str(error)
    except (Exception, SystemExit):
        text = "(its text cannot be shown)"
    name = type(error).__name__
    return clip(f"{name}: {text}" if text else name)


def clip(text: str, limit: int = MAX_TEXT) -> str:
    """``text``, at most ``limit`` characters, fit to be encoded as UTF-8."""
    text = str(text)[:limit]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")[:limit]


def student_line(error: BaseException, names: set[str]) -> int | None:
    """The innermost line of the student's files that ``error`` passed through."""
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename in names:
            found = line
    return found


def student_traceback(error: BaseException) -> str:
    """The traceback without our own frames above the student's."""
    try:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if not frame.filename.startswith(_OUR_FOLDER)
        ]
        return clip("".join(traceback.format_list(frames)) + describe(error))
    except Exception:
        return describe(error)


_OUR_FOLDER = __file__.rpartition("cells")[0]


def _split_where_broken(
    cells: Sequence[Cell], progress: Progress, skip: frozenset[tuple[int, int]]
) -> Iterator[Cell]:
    """The cells, where one that does not parse is split at its markers, if it has any.

    A file that parses is left whole: a marker inside a string is no marker. What is still broken
    and looks like a notebook printed as text is split at its prompts, fences and headings.
    """
    number = 0
    for cell in cells:
        pieces = [cell]
        if (number, -1) not in skip:
            progress(number, -1, cell.name, cell.first_line)
            pieces = _cut_broken(pieces, _CELL_MARKER, _CELL_MARKER)
            pieces = _cut_broken(pieces, _PRINTED, _PRINTED_MARKER)
        number += len(pieces)
        yield from pieces


def _cut_broken(cells: list[Cell], sign: re.Pattern[str], marker: re.Pattern[str]) -> list[Cell]:
    pieces: list[Cell] = []
    for cell in cells:
        broken = sign.search(cell.source) is not None and not _parses(cell.source)
        pieces += _cut(cell, marker) if broken else [cell]
    return pieces


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except PARSE_ERRORS:
        return False
    return True


def _cut(cell: Cell, marker: re.Pattern[str]) -> Iterator[Cell]:
    starts = sorted({0, *(match.start() for match in marker.finditer(cell.source))})
    for start, end in zip(starts, [*starts[1:], len(cell.source)], strict=True):
        line = cell.first_line + cell.source.count("\n", 0, start)
        source = cell.source[start:end]
        printed = _PRINTED.match(source)  # a prompt or fence is no code; its line end stays
        yield Cell(source[printed.end() :] if printed else source, cell.name, line)


def _parse(source: str) -> ast.Module:
    """The tree of a cell, read as a notebook reads it where plain Python does not parse it."""
    try:
        return ast.parse(source)
    except SyntaxError:
        try:
            rewritten = _as_in_a_notebook(source)
        except Exception:  # IPython gives up on hundreds of magics, and may be missing
            rewritten = source
        return ast.parse(rewritten)


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements; what a notebook's ``%%time`` became in a script is replaced by its body."""
    for statement in tree.body:
        match statement:
            case ast.Expr(
                ast.Call(
                    ast.Attribute(attr="run_cell_magic"),
                    [
                        ast.Constant("time" | "timeit" | "capture" | "prun"),
                        _,
                        ast.Constant(str(body)),
                    ],
                )
            ) if _parses(body):
                inner = ast.parse(body)
                ast.increment_lineno(inner, statement.lineno - 1)
                yield from inner.body
            case _:
                yield statement


def _as_in_a_notebook(source: str) -> str:
    """``source`` without magics, shell lines, prompts and indentation that all lines share."""
    text = _LINE_MAGIC.sub(r"\1", _BODY_MAGIC.sub(r"\1", source))
    body = _BLANK_LINES.sub("", text)
    # IPython drops leading blank lines; kept, they leave line numbers as they are in the file.
    blank = "\n" * (text.count("\n") - body.count("\n"))
    return blank + str(transformer().transform_cell(body))


@functools.cache
def transformer() -> Any:
    """IPython's own rewriting of magics and shell lines, without the rest of IPython.

    ``import IPython`` alone loads hundreds of modules; an empty package in its place lets the two
    that are needed load by themselves, and is taken away again.
    """
    if "IPython" in sys.modules:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager()  # type: ignore[no-untyped-call]
    spec = importlib.util.find_spec("IPython")
    if spec is None or spec.submodule_search_locations is None:
        raise SyntaxError("a line magic, and IPython is not installed to read it")
    package = types.ModuleType("IPython")
    package.__path__ = list(spec.submodule_search_locations)
    before = set(sys.modules)
    sys.modules["IPython"] = package
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager()  # type: ignore[no-untyped-call]
    finally:
        for name in set(sys.modules) - before:
            if name == "IPython" or name.startswith("IPython."):
                del sys.modules[name]


def _parse_failure(number: int, cell: Cell, error: BaseException) -> StatementStatus:
    offset = getattr(error, "lineno", None) or 1
    line = cell.first_line + offset - 1
    text = getattr(error, "msg", None) or describe(error)
    return StatementStatus(
        number, -1, line, clip(f"{cell.name}:{line}: SyntaxError: {text}", _MAX_PROBLEM)
    )
