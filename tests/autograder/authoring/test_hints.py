"""Which texts tell what a check compares with."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.authoring.hints import said_in, told_answer

NOTHING = said_in("")


def told(text: str, *expected: Tensor, public: str = "") -> str | None:
    return told_answer(text, [expected], said_in(public))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("from 3 to -2.5", [3.0, -2.5]),
        ("it is 19.", [19.0]),
        ("5-4, (7)", [5.0, 4.0, 7.0]),
        ("3e-2 of .5", [0.03, 0.5]),
        ("结果是19个", [19.0]),
        ("a 6x8 image, conv2d, H1, 2nd", []),
    ],
)
def test_numbers_are_found_and_parts_of_names_are_none(text: str, numbers: list[float]) -> None:
    assert list(said_in(text).numbers.values()) == numbers


def test_lists_of_several_numbers_are_found_however_deep() -> None:
    assert dict(said_in("K = [[1, -1]], or [2], X[i:j], [a, b], [3, [").lists) == {
        "[[1, -1]]": (1.0, -1.0),
        "[1, -1]": (1.0, -1.0),
    }


def test_an_expected_value_is_told_as_it_is_written() -> None:
    assert told("the first one is 19.0", torch.tensor([[19.0, 25.0]])) == "19.0"
    assert told("the first one is 0.36", torch.tensor([0.36])) == "0.36"
    assert told("the first one is 18", torch.tensor([[19.0, 25.0]])) is None


def test_zero_and_one_and_minus_one_tell_nothing() -> None:
    assert told("0, 1 or -1", torch.tensor([0.0, 1.0, -1.0])) is None


def test_what_students_are_told_anyway_tells_nothing() -> None:
    assert told("it is 19", torch.tensor([19.0]), public="the answer is 19.0") is None
    assert told("[[1, -1]]", torch.tensor([1.0, -1.0]), public="K = [[1.0, -1.0]]") is None


def test_a_value_that_is_drawn_is_expected_of_one_student_and_told_to_nobody() -> None:
    drawn = [[torch.tensor([3.0, 7.0])], [torch.tensor([3.0, 8.0])]]

    assert told_answer("of 7 rows", drawn, NOTHING) is None
    assert told_answer("of 3 rows", drawn, NOTHING) == "3"


def test_a_list_is_told_where_it_is_all_of_a_tensor() -> None:
    assert told("it is [[1, -1]]", torch.tensor([[[[1.0, -1.0]]]])) == "[[1, -1]]"
    assert told("it is [0, 1]", torch.tensor([0.0, 1.0, 0.0])) is None


def test_where_nothing_is_compared_nothing_is_told() -> None:
    assert told_answer("it is 19", [], NOTHING) is None
    assert told_answer("it is 19", [[]], NOTHING) is None
