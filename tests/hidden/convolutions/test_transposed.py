# hidden canary: 347c9cf2f97c0bcb
"""What turning the image, the kernel or both does: 5 points."""

import torch
from reference import EDGE_KERNEL, bars, correlate

from autograder.checks import assert_close, check


@check(
    "transposed-input",
    points=3,
    hint="Along an edge neighbours are equal: only a kernel that looks across it sees it.",
)
def test_only_the_transposed_kernel_finds_the_edges_of_other_transposed_images(student, draw):
    start = draw.integer(1, 3)
    image = bars(5, 9, slice(start, start + 4)).t()
    expected = torch.zeros(8, 5)
    expected[start - 1], expected[start + 3] = 1.0, -1.0

    blind = student.corr2d(image, EDGE_KERNEL)
    edges = student.corr2d(image, EDGE_KERNEL.t())

    assert_close(blind, torch.zeros(9, 4))
    assert_close(edges, expected)


@check(
    "transposed-input",
    points=2,
    hint="Turn both image and kernel, and the answer is turned with them.",
)
def test_image_and_kernel_transposed_together_transpose_the_answer(student, draw):
    X, K = draw.normal(5, 7), draw.normal(2, 3)
    expected = correlate(X, K).t()

    response = student.corr2d(X.t(), K.t())

    assert_close(response, expected)
