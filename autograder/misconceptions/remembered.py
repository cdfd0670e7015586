"""What models answer where every student is asked the same, kept from one submission to the next.

Most of what naming takes is running model after model; on inputs that stay the same once is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import zip_longest

import msgspec
import torch

from autograder.checks import Exchange, Trace
from autograder.misconceptions.declare import Model
from autograder.misconceptions.replay import answers_alike, replay, same_answer

_MOST = 50_000  # answers; a child that numbers its objects anew each time could ask without end
_OTHER_SEED = 0x5EED  # an answer that is the same with this one was not drawn


class Remembered:
    """The answers of one assignment's models. Holds nothing that a student sent."""

    def __init__(self, layers: tuple[str, ...]) -> None:
        self._layers = layers
        # By a number for the model, and a digest of all that it was asked up to and with this;
        # None where the answer is drawn, or there is none.
        self._answers: dict[tuple[int, bytes], Exchange | None] = {}

    def answers_alike(
        self, trace: Trace, asked: Sequence[bytes], number: int, model: Model
    ) -> bool:
        """As `replay.answers_alike`; ``asked`` is what `digests` says of ``trace``.

        ``number`` is the model's, and no other's.
        """
        for theirs, digest in zip(trace.exchanges, asked, strict=True):
            key = number, digest
            if key not in self._answers:
                return self._ask(trace, asked, number, model)
            ours = self._answers[key]
            if ours is None:
                return answers_alike(trace, model, self._layers)
            if not same_answer(theirs, ours):
                return False
        return bool(trace.exchanges) and trace.whole

    def _ask(self, trace: Trace, asked: Sequence[bytes], number: int, model: Model) -> bool:
        """Replay the trace up to the first answer that is another, and remember the answers."""
        if len(self._answers) > _MOST:
            self._answers.clear()
        given, is_alike = self._until_unlike(trace, model)
        # One after the other: all models draw from the one generator of torch.
        again = Trace(trace.seed ^ _OTHER_SEED)
        again.exchanges = trace.exchanges[: len(given)]
        others = [ours for _theirs, ours in replay(again, model, self._layers)]
        known = True
        for digest, ours, other in zip_longest(asked[: len(given)], given, others):
            known = known and other is not None and _identical(ours, other)
            self._answers[number, digest] = _asked_nothing(ours) if known else None
        return is_alike and trace.whole

    def _until_unlike(self, trace: Trace, model: Model) -> tuple[list[Exchange], bool]:
        """What the model answers, up to the first answer that is another; whether none is."""
        given: list[Exchange] = []
        for theirs, ours in replay(trace, model, self._layers):
            given.append(ours)
            if not same_answer(theirs, ours):
                return given, False
        return given, bool(given) and len(given) == len(trace.exchanges)


def digests(trace: Trace) -> list[bytes]:
    """For each exchange of ``trace`` a digest of all that was asked up to and with it."""
    found = []
    digest = sha256()
    for exchange in trace.exchanges:
        digest.update(type(exchange.operation).__name__.encode())
        digest.update(msgspec.msgpack.encode(exchange.operation))
        for tensor in exchange.sent:
            digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().contiguous().numpy().tobytes())
        found.append(digest.digest())
    return found


def _asked_nothing(exchange: Exchange) -> Exchange:
    return msgspec.structs.replace(exchange, sent=())


def _identical(one: Exchange, other: Exchange) -> bool:
    return (
        one.result == other.result
        and len(one.back) == len(other.back)
        and all(torch.equal(a, b) for a, b in zip(one.back, other.back, strict=True))
    )
