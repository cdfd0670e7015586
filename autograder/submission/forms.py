"""The two forms of a submission, notebook and script, as cells of code; which of them to grade."""

from __future__ import annotations

import codecs
import io
import json
import re
import tokenize
from collections.abc import Iterable, Sequence

import msgspec

from autograder.errors import SubmissionError
from autograder.messages import _

MAX_CODE_BYTES = 2**20  # as UTF-8
MAX_CELLS = 10_000
_MARKER = re.compile(r"^(?=#(?: ?%%| In\[))", re.MULTILINE)
# Possessive, and with strings that may lack their end: linear in whatever a student hands in, where
# the tokenize module takes minutes over one long line of spaces.
_COMMENT_OR_TOKEN = re.compile(
    r"""
    \#[^\n]*+
    | (?P<token>
        '''(?:[^'\\]|\\.|'(?!''))*+(?:''')?
        | \"""(?:[^"\\]|\\.|"(?!""))*+(?:\""")?
        | '(?:[^'\\\n]|\\.)*+'?
        | "(?:[^"\\\n]|\\.)*+"?
        | \w++
        | \S
    )
    """,
    re.VERBOSE | re.DOTALL,
)
# What does not read this as it stands is no encoding of source text. Python refuses most of them
# too, and the decoders of some (punycode, idna) take hours over a megabyte.
_PROBE = r"xn--bcher-kva +AGE- ~{ \u0041"
# In the metadata of a notebook that we put beside a submission of another form or name.
PAIRED_WITH = "autograder_paired_with"
_ASCII_ONLY = bytes(range(128)) + b"?" * 128


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


class _WithMetadata(msgspec.Struct):
    metadata: dict[str, object]


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
    if sum(len(cell.source.encode()) for cell in cells) > MAX_CODE_BYTES:
        raise _too_much(file)
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
    return {code for text in texts if (code := _tokens(text))}


def is_pair(data: bytes) -> bool:
    """Whether the notebook is one of ours, made for nbgrader of the file that was handed in.

    Who writes this into a notebook of their own hides it behind their other file, and no more.
    """
    if PAIRED_WITH.encode() not in data:
        return False
    try:
        return PAIRED_WITH in msgspec.json.decode(data, type=_WithMetadata).metadata
    except (ValueError, RecursionError):
        return False


def _notebook_cells(file: str, data: bytes) -> tuple[Cell, ...]:
    try:
        notebook = _notebook(data)
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            _(
                "{file}: is not a notebook: {why}\n  fix: open it in Jupyter, save it, and hand it "
                "in again"
            ).format(file=file, why=_why(error))
        ) from error
    if len(notebook.cells) > MAX_CELLS:
        raise _too_much(file)
    sources = ["".join(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    return tuple(
        Cell(_printable(source), f"<cell {number}>", 1)
        for number, source in enumerate(sources, start=1)
    )


def _notebook(data: bytes) -> _Notebook:
    """Raises ValueError or RecursionError; the text of a ValueError names the line."""
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=_Notebook)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Python's reader names the line, and takes what notebooks do hold at times: NaN in an
        # output, half of an emoji.
        return msgspec.convert(json.loads(data.rstrip()), _Notebook)


def _script_cells(file: str, data: bytes) -> tuple[Cell, ...]:
    if len(data) > MAX_CODE_BYTES:
        raise _too_much(file)
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = data.decode(_encoding(data))
    except (SyntaxError, ValueError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise SubmissionError(
            _(
                "{file}:{line}: is not text in the encoding it names: {why}\n"
                "  fix: save it as UTF-8"
            ).format(file=file, line=line, why=_why(error))
        ) from error
    return (Cell(_printable(text), file, 1),)


def _encoding(data: bytes) -> str:
    """The encoding that a script names, by Python's rules: in its first two lines, else UTF-8.

    Raises SyntaxError, ValueError or LookupError where there is none of that name for source text.
    """
    # tokenize refuses what Python takes: bytes of the encoding on the very line that names it.
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    readable = bom + data[len(bom) :].translate(_ASCII_ONLY)
    encoding, _lines = tokenize.detect_encoding(io.BytesIO(readable).readline)
    if _PROBE.encode().decode(encoding, "replace") != _PROBE:
        raise LookupError(f"not for source text: {encoding}")
    return encoding


def _printable(text: str) -> str:
    """``text`` with lone surrogates escaped, since a file may name them and UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _why(error: Exception) -> str:
    return _printable(str(error)[:200])  # it may quote the file


def _too_much(file: str) -> SubmissionError:
    return SubmissionError(
        _(
            "{file}: holds more than a megabyte of code, or {cells} cells\n"
            "  fix: keep data out of the code"
        ).format(file=file, cells=MAX_CELLS)
    )


def _tokens(source: str) -> str:
    """The code alone: its tokens, whatever the comments and the spaces between them."""
    return "\0".join(token for token in _COMMENT_OR_TOKEN.findall(source) if token)
