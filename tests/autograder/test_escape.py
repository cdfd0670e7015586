"""Text that came from somebody else is shown as it is, and obeyed by nobody."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder import escape

PLAIN = [
    "",
    "a b",
    "陈晓明",
    "josé",
    "X[i:i + h, j:j + w] * K",
    "全角\u3000空格",
    "a::b # c",
    "é😀",
]
UNSEEN = {
    "\x1b[31m": r"\x1b[31m",
    "\x1b]8;;http://x\x07": r"\x1b]8;;http://x\x07",
    "\r": r"\r",
    "\x00\x08\x7f\x85\x9b": r"\x00\x08\x7f\x85\x9b",
    "\u202e\u2066\u061c": r"\u202e\u2066\u061c",
    "\u200b\u200d\u2060\ufeff\u00ad": r"\u200b\u200d\u2060\ufeff\xad",
    "\u2028\u2029": r"\u2028\u2029",
    "\u3164\u1160": r"\u3164\u1160",
    "\ud800\udcff": r"\ud800\udcff",
    "\U000e0041": r"\U000e0041",
}
COMMANDS = [
    "::error::x", "  ::set-output name=a::b", "\u3000::add-mask::x", "::stop-commands::x",
    "##[group]x", "text ##[error]x", "##vso[task.complete]", "x ##teamcity[message]",
]  # fmt: skip
anything = st.text(st.characters() | st.sampled_from("<>&\"'`=+-@[]()*_#:\\$!|~\n\r\t\x1b\u202e"))


def obeyed_by_a_runner(text: str) -> bool:
    """As GitHub's runner reads a line, and Azure's and TeamCity's."""
    return any(
        line.strip().startswith("::") or re.search(r"##\w*\[", line)
        for line in re.split(r"[\n\r\x85\u2028\u2029]", text)
    )


# --- Terminals and logs -------------------------------------------------------------------------


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("function", [escape.lines, escape.one_line])
def test_ordinary_text_stays_as_it_is(function: object, text: str) -> None:
    assert function(text) == text  # type: ignore[operator]


@pytest.mark.parametrize(("text", "shown"), UNSEEN.items())
def test_what_is_not_seen_is_spelled_out(text: str, shown: str) -> None:
    assert escape.lines(f"a{text}b") == escape.one_line(f"a{text}b") == f"a{shown}b"


def test_lines_keep_their_ends_and_one_line_has_none() -> None:
    assert escape.lines("a\n\tb") == "a\n\tb"
    assert escape.one_line("a\n\tb") == r"a\n\tb"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_order_to_a_ci_runner_is_none_any_more(command: str) -> None:
    assert obeyed_by_a_runner(f"ok\n{command}")

    assert not obeyed_by_a_runner(escape.lines(f"ok\n{command}"))
    assert not obeyed_by_a_runner(escape.one_line(command))


@given(anything)
def test_whatever_a_text_is_a_terminal_and_a_runner_have_nothing_to_obey(text: str) -> None:
    shown = escape.lines(text)

    assert not obeyed_by_a_runner(shown)
    assert not any(unicodedata.category(c)[0] == "C" for c in shown if c not in "\n\t")
    assert "\n" not in escape.one_line(text)
    shown.encode()


@given(anything)
def test_a_text_that_is_escaped_stays_so_when_it_is_escaped_again(text: str) -> None:
    assert escape.lines(escape.lines(text)) == escape.lines(text)


def test_a_megabyte_of_line_ends_and_spaces_takes_no_time_to_speak_of() -> None:
    text = "\n" * 500_000 + " " * 500_000  # quadratic, this would run for hours

    assert escape.lines(text) == text


@pytest.mark.parametrize("text", ["[red]x[/red]", "a\\", "\\[b]", "[link=http://x]", ":smile:"])
def test_rich_shows_its_own_markup_as_text(text: str) -> None:
    console = Console(file=io.StringIO(), width=80, color_system="truecolor", force_terminal=True)

    console.print(escape.rich_text(text), end="")

    assert console.file.getvalue() == text  # type: ignore[attr-defined]


# --- HTML ---------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a browser makes of a page: tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", []))


@given(anything)
def test_text_between_tags_is_text(text: str) -> None:
    page = Reader(f"<p>{escape.html_text(text)}</p>")

    assert page.tags == [("p", [])]
    assert [page.text.count(sign) for sign in "<>&"] == [text.count(sign) for sign in "<>&"]


@given(anything, st.sampled_from("'\""))
def test_an_attribute_ends_where_ours_ends(text: str, quote: str) -> None:
    page = Reader(f"<p title={quote}{escape.html_attribute(text)}{quote}>x</p>")

    [(tag, [(name, _value)])] = page.tags
    assert (tag, name, page.text) == ("p", "title", "x")


def test_html_shows_what_the_text_was() -> None:
    text = "<img src=x onerror=alert(1)> & \"quotes\" 'too' `\n\tb"

    assert Reader(escape.html_text(text)).text == text
    assert Reader(f'<p title="{escape.html_attribute(text)}">').tags[0][1] == [("title", text)]


# --- Markdown, as nbgrader's feedback renders comments ------------------------------------------

MARKDOWN = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- x -->", "&lt; & &amp;",
    "[x](javascript:alert(1))", "![x](http://a.b/c)", "<http://a.b>", "http://a.b www.a.b",
    "[x]: http://a.b", "**bold** *em* __init__ _x_ x_ _y snake_case a__b", "`code` ``more``",
    "~~gone~~ a|b", "# head", "- item", "+ item", "12. item", "1) item", "> quote", "=====", "---",
    "***", "$x$ $$y$$ \\(z\\) \\\\(u\\\\) \\[v\\]", "\\", "\\\\", "x\\<b>", "lr * grad * 2",
    "[[1, -1]] looks right", "Cross-correlation, number by number (1)!", "| a | b |", "    code",
]  # fmt: skip


@pytest.mark.parametrize("around", ["{}", "- {}", "**{}**: 3 of 4 points", "- title — {}"])
@pytest.mark.parametrize("text", MARKDOWN)
def test_nbgraders_feedback_shows_the_text_as_it_is(text: str, around: str) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    page = Reader(markdown2html_mistune(around.format(escape.markdown(text))))

    assert {tag for tag, _attributes in page.tags} <= {"p", "ul", "li", "strong"}
    assert text.strip() in page.text


@given(anything)
def test_whatever_a_text_is_it_makes_no_tag_in_nbgraders_feedback(text: str) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    page = Reader(markdown2html_mistune("- title — " + escape.markdown(text)))

    assert {tag for tag, _attributes in page.tags} <= {"ul", "li"}


def test_ordinary_words_stay_readable_in_the_box_where_they_are_edited() -> None:
    text = "Cross-correlation, number by number: num_epochs (10) is 5.5!"

    assert escape.markdown(text) == text


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(1)", "=cmd|'/c calc'!A1", " =1", "\uff1d1", "\t=1", "\r=1", "\n@x"],
)
def test_a_cell_is_no_formula(text: str) -> None:
    [[cell]] = csv.reader(io.StringIO(escape.csv_rows([[text]])))

    assert cell[0] in "'\\"


@given(st.lists(anything, min_size=1))
def test_a_row_stays_one_row_of_as_many_cells(texts: list[str]) -> None:
    rows = list(csv.reader(io.StringIO(escape.csv_rows([texts, [1, -2.5, None]]))))

    assert len(rows) == 2 and len(rows[0]) == len(texts)
    assert not any(re.match(r"\s*[=+\-@\t\r]", cell) for cell in rows[0])


def test_numbers_are_numbers_and_missing_is_empty() -> None:
    assert escape.csv_rows([["ada", -2.5, 100, None]]) == '"ada",-2.5,100,""\r\n'
