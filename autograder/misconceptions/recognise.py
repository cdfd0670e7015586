"""Which misconception, if any, a failed check shows: by the answers, never by the student's text.

A check is given a name when the student's answers in it equal those of one misconception's model
and of no other's, and that model has been met on two or more independent inputs. A model that
fails a check which the student passed is not the student's mistake; nor is one that explains less
than half of what the student failed, or of what the model itself fails: zeros agree with many a
mistake where the right answer happens to be small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from autograder.checks import Trace
from autograder.misconceptions.declare import Misconception, Misconceptions, Model
from autograder.misconceptions.replay import answers_alike, telling_inputs

_INPUTS_NEEDED = 2
_ASKED_FIRST = 3


class Judged(msgspec.Struct, frozen=True):
    """One check that is judged: did it fail, and what was said in it."""

    exercise: str
    failed: bool
    trace: Trace | None

    @property
    def size(self) -> int:
        """About how much was computed in it."""
        return 0 if self.trace is None else self.trace.bytes


class Recogniser:
    """Names the mistakes of one submission after another; keeps nothing of any.

    Args:
        misconceptions: Those of the assignment.
        layers: torch.nn classes that a check may make.
        fails: The names of the checks of some exercises that a model fails, each run on it.
    """

    def __init__(
        self,
        misconceptions: Misconceptions,
        layers: tuple[str, ...],
        fails: Callable[[Model, tuple[str, ...]], frozenset[str]],
    ) -> None:
        self.misconceptions = misconceptions
        self._layers = layers
        self._fails = fails
        self._failed_by: dict[int, frozenset[str]] = {}  # id of a model → checks, when first asked

    def name(self, judged: Mapping[str, Judged]) -> dict[str, Misconception]:
        """The misconception of each failed check that shows just one."""
        failed = frozenset(name for name, one in judged.items() if one.failed)
        claims: dict[str, list[Misconception]] = {}
        for known in self.misconceptions.known if failed else ():
            for check in self._explained(known, judged, failed):
                claims.setdefault(check, []).append(known)
        return {check: owners[0] for check, owners in claims.items() if len(owners) == 1}

    def failed_by(self, known: Misconception, model: Model) -> frozenset[str]:
        """The checks of ``known``'s exercises that its ``model`` fails."""
        if id(model) not in self._failed_by:
            whole = {**self.misconceptions.right, **model}
            self._failed_by[id(model)] = self._fails(whole, known.exercises)
        return self._failed_by[id(model)]

    def _explained(
        self, known: Misconception, judged: Mapping[str, Judged], failed: frozenset[str]
    ) -> frozenset[str]:
        """The failed checks that ``known`` explains, by any one of its models."""
        own = [name for name, one in judged.items() if one.exercise in known.exercises]
        shown = failed.intersection(own)
        if not shown:
            return frozenset()
        if shown in known.failed:
            return shown
        ways = (self._explained_by(known, model, judged, own) for model in known.models)
        return frozenset(max(ways, key=len, default=()))

    def _explained_by(
        self, known: Misconception, model: Model, judged: Mapping[str, Judged], own: Sequence[str]
    ) -> set[str]:
        whole = {**self.misconceptions.right, **model}
        failed = sorted((name for name in own if judged[name].failed), key=lambda n: judged[n].size)
        # Most models are none of the student's: they are asked about a few small checks only.
        if not any(self._alike(whole, judged, failed[:_ASKED_FIRST])):
            return set()
        model_fails = self.failed_by(known, model)
        if not model_fails <= set(failed):
            return set()
        alike = set(self._alike(whole, judged, failed))
        if 2 * len(alike) < max(len(failed), len(model_fails)):
            return set()
        # What the model's answers have in common with passed checks is evidence, too: a kernel
        # that gets no gradient shows in the check of the image's.
        passed = [name for name in own if not judged[name].failed]
        met: set[bytes] = set()
        for name in (*alike, *self._alike(whole, judged, passed)):
            trace = judged[name].trace
            if trace is not None:
                met |= telling_inputs(trace, self.misconceptions.right, self._layers)
            if len(met) >= _INPUTS_NEEDED:
                return alike
        return set()

    def _alike(
        self, whole: Model, judged: Mapping[str, Judged], names: Sequence[str]
    ) -> Iterator[str]:
        for name in names:
            trace = judged[name].trace
            if trace is not None and answers_alike(trace, whole, self._layers):
                yield name
