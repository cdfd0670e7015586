"""What of a text is translated, and that all else stays as it is, character by character."""

from __future__ import annotations

import ast

import pytest

from autograder.authoring.texts import (
    docstrings,
    markdown_texts,
    translated_docstrings,
    translated_markdown,
)

MARKDOWN = """\
# Title

A paragraph
of two lines.


- a list
- of two

    0 1 2
    3 4 5

   | in | a list |
   |---|---|

$$Y_{i} = sum$$

```
first the word

then a blank line
```
The end.
"""
CODE = '''\
class Layer:
    """A layer.

    With more on it.
    """

    def forward(self, x):  # «Füße» before it: bytes are no characters
        "«One» line."; return x * """no docstring"""
'''


def upper(text: str) -> str:
    return text.upper()


def test_a_paragraph_a_list_a_table_and_a_fence_are_one_text_each() -> None:
    assert markdown_texts(MARKDOWN) == [
        "# Title",
        "A paragraph\nof two lines.",
        "- a list\n- of two",
        "| in | a list |\n|---|---|",
        "```\nfirst the word\n\nthen a blank line\n```\nThe end.",
    ]


def test_numbers_set_out_as_code_and_formulas_are_no_text() -> None:
    assert markdown_texts("    0 1 2\n    3 4 5\n\n$$Y_{i} = sum$$\n") == []


def test_where_nothing_is_translated_markdown_stays_as_it_is() -> None:
    assert translated_markdown(MARKDOWN, lambda text: text) == MARKDOWN


def test_a_translated_paragraph_keeps_its_place_and_its_indentation() -> None:
    made = translated_markdown(MARKDOWN, upper)

    assert "\n\n   | IN | A LIST |\n   |---|---|\n\n" in made
    assert "\n    0 1 2\n    3 4 5\n\n" in made
    assert "$$Y_{i} = sum$$" in made


def test_docstrings_come_without_their_indentation() -> None:
    assert docstrings(CODE) == ["A layer.\n\nWith more on it.", "«One» line."]


def test_translated_docstrings_leave_every_other_character_as_it_is() -> None:
    made = translated_docstrings(CODE, upper)

    assert docstrings(made) == ["A LAYER.\n\nWITH MORE ON IT.", "«ONE» LINE."]
    assert made == CODE.replace("A layer.", "A LAYER.").replace(
        "With more on it.", "WITH MORE ON IT."
    ).replace('"«One» line."', '"""«ONE» LINE."""')


@pytest.mark.parametrize("text", ['ends in "', 'three """ inside', "a \\ n", "a\n\nb"])
def test_whatever_a_translation_holds_the_code_says_just_that(text: str) -> None:
    made = translated_docstrings('def f():\n    """One."""\n    return 1\n', lambda one: text)

    assert docstrings(made) == [text]
    assert ast.unparse(ast.parse(made).body[0]).endswith("return 1")


def test_a_cell_with_a_magic_has_no_docstrings_and_stays_as_it_is() -> None:
    cell = "%matplotlib inline\n"

    assert docstrings(cell) == []
    assert translated_docstrings(cell, upper) == cell
