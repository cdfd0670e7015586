# hidden canary: 93e5b1c7d04fa826
"""Windows of other sizes, and gradients: 32 points."""

import torch
from torch import Tensor

from autograder.checks import assert_close, check


def largest(image: Tensor, p: int, q: int) -> Tensor:
    """By hand, float64, shape (H // p, W // q)."""
    H, W = image.shape
    return torch.tensor(
        [
            [
                max(image[i + a, j + b].item() for a in range(p) for b in range(q))
                for j in range(0, W - q + 1, q)
            ]
            for i in range(0, H - p + 1, p)
        ],
        dtype=torch.float64,
    )


@check("max-pooling", points=6, hint="The first size is for rows and the second for columns.")
def test_windows_that_are_tall_or_wide_keep_rows_and_columns_apart(student, draw):
    for shape, size in [((6, 4), (3, 2)), ((4, 9), (2, 3)), ((2, 5), (1, 5))]:
        image = draw.normal(*shape)
        assert_close(student.pool2d(image, size), largest(image, *size))


@check("max-pooling", points=4, hint="A window that would hang over the border is left out.")
def test_rows_and_columns_that_are_left_over_are_not_used(student, draw):
    image = draw.normal(5, 7)
    image[4], image[:, 6] = 9.0, 9.0

    assert_close(student.pool2d(image, (2, 3)), largest(image, 2, 3))


@check("max-pooling", points=4, hint="The largest of negative values is negative.")
def test_dark_images_keep_their_negative_values(student, draw):
    image = draw.uniform(4, 4, low=-3, high=-2)

    assert_close(student.pool2d(image, (2, 2)), largest(image, 2, 2))


@check("max-pooling", points=4, hint="Compute with X itself: .item() and .data cut the graph.")
def test_the_gradient_goes_to_the_largest_value_of_each_window(student, draw):
    image, upstream = draw.normal(4, 6), draw.normal(2, 3)
    expected = torch.zeros(4, 6)
    for i in range(2):
        for j in range(3):
            window = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            expected[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = (window == window.max()) * upstream[
                i, j
            ]

    gradients = student.gradients("pool2d", image.requires_grad_(), (2, 2), upstream=upstream)

    [gradient] = gradients.arguments
    assert gradient is not None, "no gradient reaches X"
    assert_close(gradient, expected, what="the gradient of X")


@check("max-pooling", points=2, hint="Change nothing in X itself.")
def test_the_image_stays_as_it_was(student, draw):
    image = draw.normal(4, 4)
    before = image.clone()

    answer = student.call("pool2d", image, (2, 2))

    assert_close(answer.tensor(), largest(before, 2, 2))
    assert_close(answer.arguments[0], before, what="X after the call")


@check("pooling-layer", points=12, hint="Each layer has a size of its own.")
def test_two_layers_keep_their_own_sizes(student, draw):
    image = draw.normal(6, 6)
    wide, tall = student.make("MaxPool2D", (2, 3)), student.make("MaxPool2D", (3, 1))

    assert_close(wide(image), largest(image, 2, 3))
    assert_close(tall(image), largest(image, 3, 1))
