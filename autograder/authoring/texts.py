"""What of an assignment's files is translated: Markdown by the paragraph, docstrings as a whole."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence

Say = Callable[[str], str]  # a text in another language, or as it is

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_WORD = re.compile(r"[^\W\d_]{2}")
_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def markdown_texts(markdown: str) -> list[str]:
    """Its paragraphs, in order, without the spaces they are indented by.

    A list or a table without blank lines is one paragraph, and so is fenced text with all of its
    blank lines. What holds no word, such as numbers set out as code, and a formula are none.
    """
    return [textwrap.dedent(piece) for piece in _pieces(markdown) if _is_text(piece)]


def translated_markdown(markdown: str, say: Say) -> str:
    """``markdown`` with each paragraph as ``say`` has it, all between them as it is."""
    return "\n".join(
        _translated_piece(piece, say) if _is_text(piece) else piece for piece in _pieces(markdown)
    )


def docstrings(code: str) -> list[str]:
    """The docstrings of functions and classes in ``code``, in order, without their indentation."""
    return [inspect.cleandoc(node.value) for node in _docstring_nodes(code)]


def translated_docstrings(code: str, say: Say) -> str:
    """``code`` with its docstrings as ``say`` has them; not a character of all else differs."""
    lines = code.encode().splitlines(keepends=True)  # the syntax tree counts bytes
    for node in reversed(_docstring_nodes(code)):
        text = inspect.cleandoc(node.value)
        translated = say(text)
        if translated == text:
            continue
        assert node.end_lineno is not None and node.end_col_offset is not None
        first, last = node.lineno - 1, node.end_lineno - 1
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        literal = _literal(translated, node.col_offset, last > first)
        lines[first : last + 1] = [before + literal.encode() + after]
    return b"".join(lines).decode()


def _pieces(markdown: str) -> Iterator[str]:
    """The paragraphs and the blank lines between them: joined by newlines, all of ``markdown``."""
    paragraph: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence):
            fence = ""
        if line.strip() or fence:
            paragraph.append(line)
            continue
        if paragraph:
            yield "\n".join(paragraph)
            paragraph = []
        yield line
    if paragraph:
        yield "\n".join(paragraph)


def _is_text(piece: str) -> bool:
    return _WORD.search(piece) is not None and not piece.lstrip().startswith("$$")


def _translated_piece(piece: str, say: Say) -> str:
    text = textwrap.dedent(piece)
    indentation = piece[: piece.index(text.partition("\n")[0])]
    return textwrap.indent(say(text), indentation)


def _docstring_nodes(code: str) -> Sequence[_Docstring]:
    """Of what Python can read: a cell with a magic in it has none."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return ()
    found = [
        _Docstring(first.value, first.value.value)
        for node in ast.walk(tree)
        if isinstance(node, _Documented)
        and isinstance(first := node.body[0], ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ]
    return sorted(found, key=lambda one: one.lineno)


class _Docstring:
    """Where a docstring's literal stands, in lines from 1 and bytes, and what it says."""

    def __init__(self, node: ast.Constant, value: str) -> None:
        self.value = value
        self.lineno, self.col_offset = node.lineno, node.col_offset
        self.end_lineno, self.end_col_offset = node.end_lineno, node.end_col_offset


def _literal(text: str, columns: int, closed_below: bool) -> str:
    """As a docstring in three quotes, indented by ``columns``."""
    quoted = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    body = textwrap.indent(quoted, " " * columns).lstrip(" ")
    if "\n" in body and closed_below:
        body += "\n" + " " * columns
    elif body.endswith('"'):
        body = body[:-1] + '\\"'
    return f'"""{body}"""'
