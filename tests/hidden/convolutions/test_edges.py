# hidden canary: 519bd420f4c02f9f
"""The kernel [[1, -1]] on images other than the text's: 5 points."""

import torch
from reference import EDGE_KERNEL, bars

from autograder.checks import assert_close, check


@check(
    "edge-detection",
    points=2,
    hint="Each bar has two sides: into it the sign is one way, out of it the other.",
)
def test_every_bar_has_an_edge_there_and_an_edge_back(student, draw):
    first = draw.integer(1, 3)
    second = first + 5
    image = bars(5, 12, slice(first, first + 2), slice(second, second + 3))
    expected = torch.zeros(5, 11)
    expected[:, [first - 1, second - 1]] = 1.0
    expected[:, [first + 1, second + 2]] = -1.0

    response = student.corr2d(image, EDGE_KERNEL)

    assert_close(response, expected)


@check(
    "edge-detection",
    points=2,
    hint="Between two shades of grey the answer is their difference, the left one minus the right.",
)
def test_an_edge_is_as_strong_as_the_step_in_brightness(student, draw):
    shades = draw.uniform(7, low=-1, high=1)
    image = shades.repeat(4, 1)
    expected = (shades[:-1] - shades[1:]).repeat(4, 1)

    response = student.corr2d(image, EDGE_KERNEL)

    assert_close(response, expected)


@check(
    "edge-detection",
    points=1,
    hint="Where neighbours are equal the answer is zero, however bright they are.",
)
def test_a_flat_image_has_no_edge_and_a_bright_line_has_two(student, draw):
    shade, line = draw.uniform(1, low=0.2, high=0.8), draw.integer(1, 4)
    flat = shade.expand(4, 6).clone()
    lined = flat.clone()
    lined[:, line] += 0.75
    expected = torch.zeros(4, 5)
    expected[:, line - 1], expected[:, line] = -0.75, 0.75

    nothing = student.corr2d(flat, EDGE_KERNEL)
    two_edges = student.corr2d(lined, EDGE_KERNEL)

    assert_close(nothing, torch.zeros(4, 5))
    assert_close(two_edges, expected)
