"""Text for people, made harmless for where it is read: a terminal or CI log, HTML, Markdown, CSV.

Whatever is not a literal of ours goes through here on its way out: names of folders, what student
code says, titles and hints, the text of an error. A test holds that every module that writes for
people uses this one. Text never goes inside a ``<script>``, a style, a URL or a tag's name.
"""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

# What a CI runner takes from a log as an order. GitHub: `::error::` at the start of a line, after
# any white space, and `##[group]` anywhere; Azure: `##vso[…]`; TeamCity: `##teamcity[…]`.
_LOG_COMMAND = re.compile(r"^(?P<space>[^\S\n]*):(?=:)|#(?=#[A-Za-z]*\[)", re.MULTILINE)
# OWASP, "CSV Injection": a cell that begins so is a formula to a spreadsheet. The wide forms are
# what it makes of the same signs in some languages.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_MARKDOWN = re.compile(
    r"""
    [\\`*\[\]<>|~$&]            # emphasis, code, links, HTML, tables, formulas, entities
    | (?<![^\W_])_ | _(?![^\W_])  # an underscore inside a word is no emphasis
    | (?<=:)/(?=/) | (?<=\bwww)\. # addresses that some readers make links of
    | ^[#+\-=] | (?<=^\d)[.)] | (?<=^\d\d)[.)] | (?<=^\d\d\d)[.)]  # blocks
    """,
    re.VERBOSE,
)
# Ends of lines that are no controls, and letters without a shape: the fillers of Hangul.
_INVISIBLE = frozenset("\u2028\u2029\u115f\u1160\u3164\uffa0")


def lines(text: object) -> str:
    """``text`` for a terminal or a log; line ends and tabs stay.

    Control and format characters (ANSI, bidi, zero width) are spelled out, and what a CI runner
    would obey has its first sign spelled out.
    """
    return _LOG_COMMAND.sub(_spelled_command, _spelled_out(str(text), keep="\n\t"))


def one_line(text: object) -> str:
    """``text`` as a part of one line, so that it cannot begin a line of its own."""
    return _LOG_COMMAND.sub(_spelled_command, _spelled_out(str(text)))


def rich_text(text: object) -> Text:
    """``text`` as one line for rich, which looks for no style, link or emoji in it."""
    from rich.text import Text  # here: rich takes its time, and not every command draws

    return Text(one_line(text))


def html_text(text: object) -> str:
    """``text`` between two tags."""
    return html.escape(_spelled_out(str(text), keep="\n\t"), quote=False)


def html_attribute(text: object) -> str:
    """``text`` between the quotes of an attribute, which have to be there, double or single."""
    escaped = html.escape(_spelled_out(str(text), keep="\n\t"), quote=True)
    return escaped.replace("`", "&#96;").replace("\n", "&#10;").replace("\t", "&#9;")


def markdown(text: object) -> str:
    """``text`` for one line of Markdown, shown as it is; HTML in it is shown too."""
    return _MARKDOWN.sub(_spelled_markdown, _spelled_out(str(text)).strip())


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    """A CSV file (RFC 4180) that no spreadsheet takes a formula from; numbers stay numbers."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def csv_cell(value: object) -> object:
    """``value`` for a cell, before the ``csv`` module quotes it: numbers and None as they are."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = _spelled_out(str(value))
    return "'" + text if _FORMULA.match(text) else text


def _spelled_out(text: str, keep: str = "") -> str:
    """``text`` with everything that is not seen spelled out as in a Python string.

    The categories C* are controls, formats (bidi, zero width), surrogates and the unassigned.
    """
    return "".join(
        c
        if c in keep or not (unicodedata.category(c)[0] == "C" or c in _INVISIBLE)
        else c.encode("unicode_escape").decode()
        for c in text
    )


def _spelled_command(found: re.Match[str]) -> str:
    return (found["space"] or "") + ("\\x23" if found[0] == "#" else "\\x3a")


def _spelled_markdown(found: re.Match[str]) -> str:
    # Not two backslashes: before a bracket they begin a formula in nbconvert.
    return "&#92;" if found[0] == "\\" else "\\" + found[0]
