"""Lines of text with styles, and the terminal or pipe that they are written to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from typing import TextIO, TypeAlias

import msgspec

from autograder import escape
from autograder.outputs.wrap import wrapped

# In the place of what a terminal's encoding has no sign for.
_PLAIN_SIGNS = {
    "✓": "+", "✗": "x", "−": "-", "∞": "inf", "×": "x", "·": "-", "…": "...", "–": "-",
    "’": "'", "“": '"', "”": '"',
}  # fmt: skip
_PIPE_COLUMNS = 80
_COLOURS = {"256": "many", "truecolor": "all"}


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a line; ``style`` is one of rich's, and holds nothing that the text does not."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Span, ...]


class Screen(msgspec.Struct, frozen=True):
    """What lines are made for: its width in columns, its colours, and the signs it can show."""

    columns: int = _PIPE_COLUMNS
    is_terminal: bool = False
    colours: str = ""  # "", or "few" for the sixteen, "many" for the 256, "all" for any
    encoding: str = "utf-8"

    def sign(self, text: str) -> str:
        """``text`` in signs that can be shown here, as far as we know others for them."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return "".join(map(self._plain, text))
        except LookupError:  # an encoding that Python does not know
            return "".join(_PLAIN_SIGNS.get(sign, sign) for sign in text)
        return text

    def _plain(self, sign: str) -> str:
        try:
            sign.encode(self.encoding)
        except UnicodeEncodeError:
            return _PLAIN_SIGNS.get(sign, sign)
        return sign


def screen_of(stream: TextIO) -> Screen:
    """What ``stream`` can show. A pipe has no colours, and neither has whoever set NO_COLOR."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not stream.isatty():
        return Screen(encoding=encoding)
    colours = ""
    if not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        from rich.console import Console  # here: rich takes its time, and a pipe needs none of it

        system = Console(file=stream).color_system
        colours = "" if system is None else _COLOURS.get(system, "few")
    return Screen(shutil.get_terminal_size().columns, True, colours, encoding)


def line(text: str, style: str = "") -> Line:
    """A line all in one style."""
    return (Span(text, style),)


def plain(spans: Line) -> str:
    """The text of a line."""
    return "".join(span.text for span in spans)


def fitted(lines: Iterable[Line], screen: Screen) -> list[Line]:
    """``lines`` in signs that ``screen`` can show, on a terminal broken between words."""
    made: list[Line] = []
    for spans in lines:
        signed = tuple(Span(screen.sign(span.text), span.style) for span in spans)
        text = plain(signed)
        first, *more = wrapped(text, screen.columns).split("\n") if screen.is_terminal else [text]
        if more:  # the first piece keeps its style, and what follows has that of the last
            head = signed[0].text
            cut = len(head) if len(signed) > 1 and first.startswith(head) else 0
            style = signed[-1].style
            made.append((Span(first[:cut], signed[0].style), Span(first[cut:], style)))
            made += [line(one, style) for one in more]
        else:
            made.append(signed)
    return made


def write(lines: Iterable[Line], stream: TextIO, screen: Screen) -> None:
    """Write ``lines``, which were made for ``screen``, to ``stream``, all at once."""
    if not screen.colours:
        texts = ("".join(map(_safe, spans)).rstrip() for spans in lines)
        stream.write("".join(f"{text}\n" for text in texts))
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(file=stream, highlight=False, markup=False, emoji=False)
        text = Text()
        for spans in lines:
            for span in spans:
                text.append(_safe(span), span.style or None)
            text.append("\n")
        console.print(text, end="", soft_wrap=True)
    stream.flush()


def _safe(span: Span) -> str:
    """Its text once more: lines can come from a process that ran student code."""
    return escape.one_line(span.text)
