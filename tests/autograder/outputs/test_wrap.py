"""Long lines on a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from autograder import escape
from autograder.outputs.wrap import for_stream, wrapped


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


LONG = "one mistake costs its points once"


def test_a_long_line_is_broken_between_words_and_goes_on_indented() -> None:
    assert wrapped(LONG, 20) == "one mistake costs\n    its points once"


def test_a_fix_goes_on_below_itself() -> None:
    assert wrapped("  fix: rename the folder", 16) == "  fix: rename\n      the folder"


def test_a_word_that_is_too_long_is_left_whole() -> None:
    assert wrapped("see https://example.org/a/long/path there", 20) == (
        "see\n    https://example.org/a/long/path\n    there"
    )


def test_wide_signs_take_two_columns() -> None:
    assert wrapped("卷积卷积 卷积卷积", 16) == "卷积卷积\n    卷积卷积"


def test_what_is_broken_is_no_order_to_a_runner() -> None:
    assert escape.lines(wrapped("a long line ::error::x", 14)) == wrapped(
        "a long line ::error::x", 14
    )
    assert "\n    ::" not in wrapped("a long line ::error::x", 14)


@given(st.text("ab 卷\n", max_size=200), st.integers(10, 40))
def test_no_line_is_too_long_but_for_one_word_and_none_is_lost(text: str, width: int) -> None:
    result = wrapped(text, width)

    assert result.split() == text.split()
    for line in result.split("\n"):
        assert cell_len(line) <= width or len(line.split()) == 1


@pytest.mark.parametrize(("stream", "lines"), [(Terminal(), 2), (io.StringIO(), 1)])
def test_only_a_terminal_gets_broken_lines(
    stream: io.StringIO, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    assert len(for_stream(LONG, stream).splitlines()) == lines
