"""Curves: what is right and what is not over the epochs, and the kernel's way over the loss."""

from __future__ import annotations

import itertools
import re
import sys

import msgspec
import pytest

from autograder.outputs.curves import loss_plot, path_plot
from autograder.report import Descent

WAY = ((0.0, 0.0), (0.5, -0.5), (0.9, -0.9))
DESCENT = Descent(
    right_losses=(12.0, 3.0),
    losses=(12.0, 3.0),
    right_path=WAY,
    path=WAY,
    lowest=(1.0, -1.0),
    curvature=((36.0, 24.0), (24.0, 36.0)),
)


def points(svg: str, kind: str) -> list[tuple[float, float]]:
    [line] = re.findall(rf'class="line {kind}" points="([^"]*)"', svg)
    return [tuple(map(float, pair.split(","))) for pair in line.split()]  # type: ignore[misc]


def test_a_loss_that_falls_by_the_same_factor_is_a_straight_line() -> None:
    plot = loss_plot([100, 10, 1, 0.1], [100, 100, 100, 100])

    assert plot is not None
    heights = [y for _x, y in points(plot.svg, "right")]
    falls = [b - a for a, b in itertools.pairwise(heights)]
    assert max(falls) - min(falls) <= 0.2 and min(falls) > 10
    assert "logarithmic" in plot.caption


@pytest.mark.parametrize("loss", [0.0, -3.0])
def test_a_loss_that_has_no_logarithm_is_drawn_as_it_is(loss: float) -> None:
    plot = loss_plot([100.0, 1.0], [100.0, loss])

    assert plot is not None and "logarithmic" not in plot.caption
    assert len(points(plot.svg, "yours")) == 2


def test_a_loss_that_is_no_number_is_left_out_and_named() -> None:
    plot = loss_plot([4.0, 2.0, 1.0], [4.0, "inf", "nan"])

    assert plot is not None
    assert len(points(plot.svg, "yours")) == 1 and "nan" in plot.caption


def test_no_losses_at_all_are_told_as_nothing() -> None:
    plot = loss_plot([4.0, 2.0], [])

    assert plot is not None and "this one at nothing" in plot.caption


@pytest.mark.parametrize(("right", "got"), [([1.0], [1.0]), (["nan", "nan"], ["nan"])])
def test_where_nothing_can_be_joined_there_is_no_plot(
    right: list[float | str], got: list[float | str]
) -> None:
    assert loss_plot(right, got) is None


def test_the_way_ends_beside_the_star() -> None:
    plot = path_plot(DESCENT)

    assert points(plot.svg, "right") == points(plot.svg, "yours")
    assert "the star at [1, −1]: this one ends at [0.9, −0.9]" in plot.caption


def test_a_way_that_runs_off_is_followed_out_of_the_picture_and_no_further() -> None:
    away = (*WAY[:2], (30.0, 30.0), (9000.0, 9000.0))

    plot = path_plot(msgspec.structs.replace(DESCENT, path=away))

    assert len(points(plot.svg, "yours")) == 3
    assert "leaves the picture" in plot.caption


@pytest.mark.parametrize("strange", ["nan", "inf", "-inf"])
def test_a_place_that_is_none_ends_the_way(strange: str) -> None:
    plot = path_plot(msgspec.structs.replace(DESCENT, path=(WAY[0], (strange, 0.0), WAY[2])))

    assert len(points(plot.svg, "yours")) == 1
    assert "leaves the picture" in plot.caption and "nan" not in plot.svg


def test_the_contours_lie_along_the_flat_direction() -> None:
    ellipses = re.findall(
        r'rx="([^"]*)" ry="([^"]*)" transform="rotate\(([^ ]*)', path_plot(DESCENT).svg
    )

    # The eigenvalues are 60 along (1, 1) and 12 along (1, -1), so the axes are as 1 to sqrt(5).
    assert ellipses
    for across, along, angle in ellipses:
        assert float(along) / float(across) == pytest.approx(5**0.5, abs=0.1)
        assert float(angle) == -45


EXTREME = (sys.float_info.max, -sys.float_info.max, 1e308, -1e308, 5e-324, 0.0, 1.0, "nan", "inf")


def test_no_losses_and_no_way_however_extreme_cannot_be_drawn() -> None:
    for one, other, third in itertools.product(EXTREME, repeat=3):
        plot = loss_plot([12.0, 5.0, 2.0], [one, other, third])
        way = path_plot(
            msgspec.structs.replace(DESCENT, path=((0.0, 0.0), (one, other), (third, one)))
        )

        for svg in (way.svg, plot.svg if plot else ""):
            assert not re.search(r"nan|inf\b|\d{6,}", svg), (one, other, third)
