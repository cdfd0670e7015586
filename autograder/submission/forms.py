"""The two forms of a submission, notebook and script, as cells of code; which of them to grade."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Sequence

import msgspec

from autograder.errors import SubmissionError
from autograder.messages import _

MAX_CODE_CHARACTERS = 2**20
_MARKER = re.compile(r"^(?=# %%)", re.MULTILINE)


class Cell(msgspec.Struct, frozen=True):
    """Source text of one cell; ``name`` and ``first_line`` say where it stands in the file."""

    source: str
    name: str
    first_line: int


class _NotebookCell(msgspec.Struct):
    cell_type: str = "code"
    source: str | list[str] = ""


class _Notebook(msgspec.Struct):
    cells: list[_NotebookCell]


class Form(msgspec.Struct, frozen=True):
    """One file of a submission, as what will run of it.

    ``module`` is what ``__name__`` is while it runs.
    """

    file: str
    sha256: str
    cells: tuple[Cell, ...]
    module: str


def code_cells(file: str, data: bytes) -> tuple[Cell, ...]:
    """The code in a notebook (``.ipynb``) or script (anything else).

    Raises SubmissionError where the file is not what its name says.
    """
    cells = _notebook_cells(file, data) if file.endswith(".ipynb") else _script_cells(file, data)
    if sum(len(cell.source) for cell in cells) > MAX_CODE_CHARACTERS:
        raise SubmissionError(
            _("{file}: holds more than a million characters of code\n"
              "  fix: keep data out of the code").format(file=file)
        )
    return cells


def changed_forms(forms: Sequence[Form], released: Iterable[Form]) -> list[Form]:
    """The forms that were changed since they were handed out.

    A form is changed when one of its cells, comments stripped, differs from every released one.
    """
    known = {piece for form in released for piece in _codes(form)}
    return [form for form in forms if not _codes(form) <= known]


def _codes(form: Form) -> set[str]:
    """The form's cells without comments; a script is cut at its ``# %%`` markers."""
    texts: Iterable[str] = (cell.source for cell in form.cells)
    if not form.file.endswith(".ipynb"):
        texts = (piece for text in texts for piece in _MARKER.split(text))
    return {code for text in texts if (code := _without_comments(text))}


def _notebook_cells(file: str, data: bytes) -> tuple[Cell, ...]:
    try:
        notebook = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Notebook)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise SubmissionError(
            _("{file}: is not a notebook: {why}\n  fix: open it in Jupyter, save it, and hand it "
              "in again").format(file=file, why=_with_line(data, error))
        ) from error
    sources = [
        "".join(cell.source) for cell in notebook.cells if cell.cell_type == "code"
    ]
    return tuple(
        Cell(_printable(source), f"<cell {number}>", 1)
        for number, source in enumerate(sources, start=1)
    )


def _script_cells(file: str, data: bytes) -> tuple[Cell, ...]:
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise SubmissionError(
            _("{file}:{line}: is not text in the encoding it names: {why}\n"
              "  fix: save it as UTF-8").format(file=file, line=line, why=error)
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (Cell(text, file, 1),)


def _printable(text: str) -> str:
    """``text`` with lone surrogates escaped, since JSON may hold them and UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _with_line(data: bytes, error: Exception) -> str:
    """The decoder's words, with the line: of the byte it names, or the last where it breaks off."""
    text = str(error)
    named = re.search(r"byte (\d+)", text)
    if named is None and "truncated" not in text:
        return text
    before = data[: int(named[1])] if named else data.rstrip()
    return _("line {line}: {text}").format(line=before.count(b"\n") + 1, text=text)


def _without_comments(source: str) -> str:
    """The code alone: no comments, blank lines or trailing space; the text where it is no code."""
    kept = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.INDENT:
                kept.append("{")
            elif token.type == tokenize.DEDENT:
                kept.append("}")
            elif token.type == tokenize.NEWLINE:
                kept.append("\n")
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER):
                kept.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return source.strip()
    return "\0".join(kept).strip("\n\0")
