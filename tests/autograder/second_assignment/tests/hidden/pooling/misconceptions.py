# hidden canary: 1b8d6f30e95ac742
"""The mistakes that are known by name, each as a small model of what it makes of the answer."""

from torch import nn

from autograder.misconceptions import Misconception

POOLING = ("max-pooling",)
READ_ON = "Part 1, The largest value of each window"


def windows(X, pool_size, down=None, right=None):
    """(rows, columns, p, q); side by side unless told otherwise."""
    p, q = pool_size
    return X.unfold(0, p, down or p).unfold(1, q, right or q)


def pool2d(X, pool_size):
    return windows(X, pool_size).amax((2, 3))


class MaxPool2D(nn.Module):
    def __init__(self, pool_size):
        super().__init__()
        self.pool_size = pool_size

    def forward(self, x):
        return pool2d(x, self.pool_size)


RIGHT = {"pool2d": pool2d, "MaxPool2D": MaxPool2D}


MISCONCEPTIONS = [
    Misconception(
        name="mean-for-maximum",
        exercises=POOLING,
        to_student="Your answers are the means of the windows: of each, only the largest stays.",
        to_instructor="Average pooling where max pooling is asked for.",
        read_on=READ_ON,
        models=({"pool2d": lambda X, size: windows(X, size).mean((2, 3))},),
    ),
    Misconception(
        name="minimum-for-maximum",
        exercises=POOLING,
        to_student="Your answers are the smallest values of the windows, and not the largest.",
        to_instructor="The minimum of each window.",
        read_on=READ_ON,
        models=({"pool2d": lambda X, size: windows(X, size).amin((2, 3))},),
    ),
    Misconception(
        name="stride-one",
        exercises=POOLING,
        to_student="Your windows overlap: each begins one pixel after the last. Here they lie side "
        "by side.",
        to_instructor="A stride of one, as in a convolution, where it is the window's size.",
        read_on=READ_ON,
        models=({"pool2d": lambda X, size: windows(X, size, 1, 1).amax((2, 3))},),
    ),
    Misconception(
        name="rows-for-columns",
        exercises=POOLING,
        to_student="Your windows have p columns and q rows: it is the other way round.",
        to_instructor="The two sizes of the window are exchanged.",
        read_on=READ_ON,
        models=({"pool2d": lambda X, size: pool2d(X, (size[1], size[0]))},),
    ),
    Misconception(
        name="at-least-zero",
        exercises=POOLING,
        to_student="No answer of yours is below zero: the search for the largest begins at zero.",
        to_instructor="The maximum is started from zero, or the result is clipped there.",
        read_on=READ_ON,
        models=({"pool2d": lambda X, size: pool2d(X, size).clamp(min=0)},),
    ),
]
