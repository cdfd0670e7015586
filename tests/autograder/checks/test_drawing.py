"""Inputs drawn from a seed: the same for an appeal, other ones for everybody else."""

from __future__ import annotations

import pytest
import torch

from autograder.checks import Draw
from autograder.checks.drawing import seed_for

SECRET = b"0123456789abcdef"


def test_the_same_names_give_the_same_seed():
    assert seed_for(SECRET, "inputs", "ann", "shapes") == seed_for(
        SECRET, "inputs", "ann", "shapes"
    )


def test_the_seed_of_an_appeal_is_the_seed_of_the_grading():
    # Written down: a change here would draw other inputs for appeals against earlier gradings.
    assert seed_for(SECRET, "inputs", "ann", "shapes", "test_area") == 1631562419321016250


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("inputs", "ann"), ("child", "ann")),
        (("inputs", "ann"), ("inputs", "bob")),
        (("inputs", "ab", "c"), ("inputs", "a", "bc")),
        (("inputs", "ann", ""), ("inputs", "ann")),
        (("inputs", "", "ann"), ("inputs", "ann", "")),
        (("inputsann",), ("inputs", "ann")),
        (("inputs", "é"), ("inputs", "e\u0301")),
        (("inputs", "陈"), ("inputs", "晓")),
    ],
)
def test_other_domains_and_names_give_other_seeds(one: tuple[str, ...], other: tuple[str, ...]):
    assert seed_for(SECRET, *one) != seed_for(SECRET, *other)


def test_another_secret_gives_another_seed():
    assert seed_for(SECRET, "inputs", "ann") != seed_for(b"another", "inputs", "ann")


def test_a_seed_is_one_that_torch_takes():
    seeds = [seed_for(SECRET, "inputs", str(i)) for i in range(64)]

    assert all(0 <= seed < 2**63 for seed in seeds)
    assert any(seed >= 2**62 for seed in seeds)


def test_the_same_seed_draws_the_same_sequence():
    one, other = Draw(7), Draw(7)

    for draw in ("normal", "uniform"):
        assert torch.equal(getattr(one, draw)(2, 3), getattr(other, draw)(2, 3))
    assert one.integer(0, 10**6) == other.integer(0, 10**6)


def test_another_seed_draws_other_values():
    assert not torch.equal(Draw(7).normal(2, 3), Draw(8).normal(2, 3))


def test_the_second_draw_differs_from_the_first():
    draw = Draw(7)

    assert not torch.equal(draw.normal(2, 3), draw.normal(2, 3))


def test_nobody_elses_draws_are_touched():
    torch.manual_seed(0)
    expected = torch.rand(3)

    torch.manual_seed(0)
    Draw(7).normal(3)

    assert torch.equal(torch.rand(3), expected)


def test_uniform_values_lie_in_their_bounds():
    values = Draw(7).uniform(1000, low=-2.0, high=3.0)

    assert values.dtype == torch.float32
    assert -2.0 <= float(values.min()) < -1.9
    assert 2.9 < float(values.max()) <= 3.0


def test_whole_numbers_include_both_ends():
    values = Draw(7).integers(100, low=-1, high=1)

    assert values.dtype == torch.float32
    assert sorted(values.unique().tolist()) == [-1.0, 0.0, 1.0]


def test_one_whole_number_includes_both_ends():
    draw = Draw(7)

    assert {draw.integer(2, 4) for _ in range(100)} == {2, 3, 4}
