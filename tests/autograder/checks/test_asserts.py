"""The comparison: what is near enough, what never is, and what the student reads."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.checks import Mismatch, assert_close
from autograder.checks.asserts import side_by_side

inf, nan = float("inf"), float("nan")


def passes(got: Tensor, expected: Tensor, **tolerance: float) -> bool:
    try:
        assert_close(got, expected, **tolerance)
    except Mismatch:
        return False
    return True


def vector(*values: float, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.tensor(values, dtype=dtype)


# ---- near enough --------------------------------------------------------------------------------


@pytest.mark.parametrize("expected", [0.0, 1.0, -1.0, 1000.0, -1000.0])
def test_the_allowance_is_a_hundred_thousandth_twice_of_the_largest_and_of_one(expected: float):
    exact = vector(expected, dtype=torch.float64)
    allowance = 2e-5 * max(1.0, abs(expected))

    assert passes(exact + 0.99 * allowance, exact)
    assert not passes(exact + 1.01 * allowance, exact)
    assert not passes(exact - 1.01 * allowance, exact)


def test_a_small_value_beside_a_large_one_has_the_large_ones_allowance():
    assert passes(vector(1000.0, 0.01), vector(1000.0, 0.0))


def test_a_small_value_alone_has_not():
    assert not passes(vector(0.01), vector(0.0))


def test_a_scale_that_is_given_replaces_the_largest_value():
    assert passes(vector(1000.0, 1.0), vector(1000.0, 0.0), scale=10**6)
    assert not passes(vector(1000.0, 0.01), vector(1000.0, 0.0), scale=1.0)


def test_tolerances_add_up():
    assert passes(vector(1.15), vector(1.0), rtol=0.1, atol=0.1)
    assert not passes(vector(1.15), vector(1.0), rtol=0.1, atol=0.0)


def test_one_wrong_value_among_many_is_enough():
    got = torch.zeros(50, 60)
    got[49, 59] = 1.0

    assert not passes(got, torch.zeros(50, 60))


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool]
)
def test_the_dtype_of_an_answer_does_not_count(dtype: torch.dtype):
    assert passes(vector(0, 1, dtype=dtype), vector(0.0, 1.0))
    assert not passes(vector(1, 1, dtype=dtype), vector(0.0, 1.0))


def test_unsigned_answers_do_not_wrap_around():
    assert not passes(vector(255, dtype=torch.uint8), vector(-1.0))


def test_double_precision_is_compared_in_double_precision():
    exact = vector(1.0, dtype=torch.float64)

    assert not passes(exact + 1e-9, exact, rtol=1e-10, atol=0.0)
    assert passes(exact + 1e-11, exact, rtol=1e-10, atol=0.0)


def test_nothing_equals_nothing():
    assert passes(torch.zeros(0, 3), torch.zeros(0, 3))


def test_a_single_number_is_compared():
    assert passes(torch.tensor(2.0), torch.tensor(2.0))
    assert not passes(torch.tensor(2.0), torch.tensor(3.0))


def test_an_answer_that_is_not_contiguous_is_compared():
    assert passes(torch.arange(6.0).reshape(2, 3).t(), torch.arange(6.0).reshape(2, 3).t().clone())


def test_what_requires_a_gradient_is_compared():
    assert passes(vector(1.0).requires_grad_(), vector(1.0).requires_grad_())


# ---- never near enough --------------------------------------------------------------------------


@pytest.mark.parametrize("got", [nan, inf, -inf])
@pytest.mark.parametrize("expected", [0.0, 1e30, nan, inf, -inf])
def test_what_is_no_finite_number_is_wrong_whatever_is_expected(got: float, expected: float):
    assert not passes(vector(got, 0.0), vector(expected, 0.0))


@pytest.mark.parametrize("expected", [nan, inf, -inf])
def test_an_expectation_made_from_a_students_infinite_weight_lets_nothing_pass(expected: float):
    assert not passes(vector(0.0, 5.0), vector(expected, 0.0))


@pytest.mark.parametrize("scale", [nan, inf])
def test_a_scale_made_from_a_students_infinite_weight_lets_nothing_wrong_pass(scale: float):
    assert not passes(vector(5.0), vector(0.0), scale=scale)


@pytest.mark.parametrize("shape", [(), (6,), (3, 2), (1, 2, 3), (2, 3, 1), (0,), (2, 4)])
def test_another_shape_is_wrong_though_it_would_broadcast(shape: tuple[int, ...]):
    assert not passes(torch.zeros(shape), torch.zeros(2, 3))


# ---- what is told -------------------------------------------------------------------------------


def message(got: Tensor, expected: Tensor, what: str = "") -> str:
    with pytest.raises(Mismatch) as mismatch:
        assert_close(got, expected, what=what)
    return str(mismatch.value)


def test_another_shape_is_named():
    text = message(torch.zeros(3, 2), torch.zeros(2, 3), what="the gradient of K")

    assert text == "the gradient of K: shape (3, 2), expected shape (2, 3)"


def test_wrong_values_are_counted_and_shown_beside_the_expected():
    text = message(vector(1.0, 5.0, -1.0), vector(1.0, 0.0, -1.0))

    assert text == (
        "the result: 1 of 3 values differ\n  expected     got\n  [ 1  0 -1]   [ 1  5 -1]"
    )


def test_both_sides_are_kept_for_drawing():
    got, expected = vector(1.0), vector(2.0)

    with pytest.raises(Mismatch) as mismatch:
        assert_close(got, expected)

    assert mismatch.value.got is got
    assert mismatch.value.expected is expected


def test_what_differs_is_an_assertion_and_so_the_students_failure():
    assert issubclass(Mismatch, AssertionError)


def test_a_large_grid_is_cut_to_a_corner():
    lines = side_by_side(torch.zeros(100, 100), torch.ones(100, 100)).splitlines()

    assert len(lines) == 10  # a heading, eight rows, and dots
    assert lines[1].count("0") == 8
    assert lines[1].count("...") == 2
    assert lines[-1].split() == ["...", "..."]


def test_grids_of_other_heights_stand_side_by_side():
    lines = side_by_side(torch.zeros(1, 2), torch.ones(3, 2)).splitlines()

    assert lines[1:] == ["  [0 0]      [1 1]", "             [1 1]", "             [1 1]"]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1, 2, 3), (0,), (2, 0), (0, 2), (2, 0, 3)])
def test_every_shape_can_be_shown(shape: tuple[int, ...]):
    assert side_by_side(torch.zeros(shape), torch.zeros(shape)).startswith("  expected")


def test_nan_infinity_and_negative_zero_can_be_read():
    lines = side_by_side(vector(nan, -inf), vector(-0.0, 0.123456)).splitlines()

    assert lines[1].split() == ["[", "nan", "-inf]", "[", "0", "0.1235]"]
