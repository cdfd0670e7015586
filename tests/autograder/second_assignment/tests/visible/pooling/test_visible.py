"""The checks you can see: 18 of the 50 points of "Max pooling"."""

import torch

from autograder.checks import assert_close, check

IMAGE = torch.tensor(
    [[1.0, 5.0, 2.0, 0.0], [3.0, -1.0, 4.0, 8.0], [-2.0, -6.0, 7.0, 1.0], [-3.0, -4.0, 0.0, 9.0]]
)
POOLED = torch.tensor([[5.0, 8.0], [-2.0, 9.0]])


@check("max-pooling", points=10, hint="Look at each window by itself: which value is the largest?")
def test_the_example_gives_the_four_values_of_the_text(student):
    assert_close(student.pool2d(IMAGE, (2, 2)), POOLED)


@check("pooling-layer", points=8, hint="Keep pool_size on self, and use it in forward.")
def test_the_layer_gives_them_too(student):
    layer = student.make("MaxPool2D", (2, 2))

    assert_close(layer(IMAGE), POOLED)
