"""What one check asked the student's code and what came back, kept until the check is judged."""

from __future__ import annotations

import msgspec
from torch import Tensor

from autograder.sandbox.inside import wire

_MAX_BYTES = 2**22  # of tensors in one check; what is larger is not kept, and so never recognised


class Exchange(msgspec.Struct, frozen=True):
    """One operation and its answer; ``result`` is None where the child gave none."""

    operation: wire.Operation
    sent: tuple[Tensor, ...]
    result: wire.Result | None
    back: tuple[Tensor, ...]


class Trace:
    """The exchanges of one run of one check, in order; ``whole`` is False where they were too many.

    ``seed`` is what the student's random numbers were drawn from.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.exchanges: list[Exchange] = []
        self.whole = True
        self.bytes = 0  # of the tensors

    def add(self, exchange: Exchange) -> None:
        """Keep ``exchange``, while they are small enough."""
        self.bytes += sum(t.numel() * t.element_size() for t in (*exchange.sent, *exchange.back))
        self.whole = self.whole and self.bytes <= _MAX_BYTES
        if self.whole:
            self.exchanges.append(exchange)
        else:
            self.exchanges.clear()
