"""How much of anything may cross the boundary, and the error that says it was more."""

from __future__ import annotations

import math
from collections.abc import Sequence

MAX_MESSAGE_BYTES = 4 * 2**20
MAX_TENSOR_BYTES = 64 * 2**20
MAX_TENSOR_HEADER_BYTES = 2**16
MAX_TENSORS = 64
MAX_DIMENSIONS = 8
MAX_DIMENSION = 2**24
MAX_ELEMENTS = 2**22
MAX_TEXT = 8192  # characters
MAX_VALUES = 2**14  # in one reply that is large enough to be looked through for long texts
MAX_LAYERS = 64
MAX_FAILED_STATEMENTS = 256
MAX_PARAMETERS = 4096
MAX_WORDS = 16  # that go into the braces of one sentence
_MAX_REASON = 200  # characters


class WireError(Exception):
    """Bytes that are not a frame we read."""


def refused(what: str, error: Exception) -> WireError:
    """The error to raise for what a parser raised, which may quote all that it was given."""
    return WireError(f"{what}: {ascii(str(error)[:_MAX_REASON])[1:-1]}")


def too_large(shape: Sequence[int]) -> bool:
    """Whether a tensor of ``shape`` is more than a check can want, empty or not."""
    return (
        len(shape) > MAX_DIMENSIONS
        or max(shape, default=0) > MAX_DIMENSION  # (0, 10**15) has no elements at all
        or math.prod(shape) > MAX_ELEMENTS
    )
