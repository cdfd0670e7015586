"""What a check compares with, kept for those who ask."""

from __future__ import annotations

import pytest
import torch

from autograder.checks import Mismatch, assert_close, recording
from autograder.checks.asserts import comparisons


def test_every_comparison_is_kept_in_order_with_what_was_compared() -> None:
    with recording() as made:
        assert_close(torch.ones(2), torch.ones(2))
        assert_close(torch.zeros(1), torch.zeros(1), what="the bias")

    assert [one.what for one in made] == ["the result", "the bias"]
    assert made[0].got.tolist() == made[0].expected.tolist() == [1.0, 1.0]


def test_a_comparison_that_fails_is_kept_too() -> None:
    with recording() as made, pytest.raises(Mismatch):
        assert_close(torch.ones(2), torch.ones(3))

    assert [one.expected.shape for one in made] == [(3,)]


def test_without_anybody_asking_nothing_is_kept() -> None:
    with recording() as made:
        pass
    assert_close(torch.ones(1), torch.ones(1))

    assert made == []
    assert comparisons.get() is None
