"""What a mistake makes of an example that everybody knows: pictures that tell nothing hidden.

An assignment's misconceptions.py lists its ``EXAMPLES``. The first on which a model of the mistake
answers otherwise than what is right is drawn on the student's page. Models are the author's; no
student code runs here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import torch
from torch import Tensor

from autograder.checks.grids import grid_of
from autograder.report import Descent, Drawing

_SEED = 62  # of what a model draws: the same picture every time
_NEAR = 1e-4  # of the largest magnitude, at least of 1; what is nearer is no mistake to be seen


class Example(Protocol):
    """An input that students are given, and how an answer to it is drawn."""

    def drawn(self, right: Mapping[str, Any], wrong: Mapping[str, Any]) -> Drawing | Descent | None:
        """What ``wrong`` answers beside what is right; None where nothing is to be seen."""


class OnTensors(msgspec.Struct, frozen=True):
    """One call, its tensors and its answer drawn as grids.

    Args:
        name: The student's function or class that is asked.
        tensors: What it is given, each of at most four dimensions.
        ask: Gives the answer of what stands under ``name`` to the tensors; by default a call.
    """

    name: str
    tensors: tuple[Tensor, ...]
    ask: Callable[..., Any] = lambda function, *tensors: function(*tensors)

    def drawn(self, right: Mapping[str, Any], wrong: Mapping[str, Any]) -> Drawing | Descent | None:
        """See Example."""
        expected, got = (self._answer(model[self.name]) for model in (right, wrong))
        if expected is None or got is None or got.numel() == 0 or got.dim() > 4:
            return None
        tolerance = _NEAR * max(1.0, float(expected.abs().max()))
        if got.shape == expected.shape and bool(((got - expected).abs() <= tolerance).all()):
            return None
        return Drawing(
            what="",
            expected=grid_of(expected),
            got=grid_of(got),
            tolerance=tolerance,
            function=self.name,
            inputs=tuple(grid_of(tensor) for tensor in self.tensors),
        )

    def _answer(self, function: Any) -> Tensor | None:
        torch.manual_seed(_SEED)
        try:
            answer = self.ask(function, *(tensor.clone() for tensor in self.tensors))
        except Exception:  # the mistake is that it raises, which is no picture
            return None
        return answer.detach().float() if isinstance(answer, Tensor) else None


class OnTheWayDown(msgspec.Struct, frozen=True):
    """A training of two weights, drawn as its losses and as a path over the loss.

    Args:
        name: The student's function that trains.
        walk: Gives the losses, and the two weights at the start and after each step, of what
            stands under ``name``.
        lowest: The weights at which the loss is 0.
        curvature: The second derivatives of the loss, which is a bowl with this one lowest place.
    """

    name: str
    walk: Callable[[Any], tuple[Sequence[float], Sequence[tuple[float, float]]]]
    lowest: tuple[float, float]
    curvature: tuple[tuple[float, float], tuple[float, float]]

    def drawn(self, right: Mapping[str, Any], wrong: Mapping[str, Any]) -> Drawing | Descent | None:
        """See Example."""
        try:
            torch.manual_seed(_SEED)
            right_losses, right_path = self.walk(right[self.name])
            torch.manual_seed(_SEED)
            losses, path = self.walk(wrong[self.name])
            numbers = [float(number) for number in (*losses, *(n for place in path for n in place))]
        except Exception:  # it raises, or its answer is no losses
            return None
        meant = [*right_losses, *(n for place in right_path for n in place)]
        if len(numbers) == len(meant) and all(map(_near, numbers, meant)):
            return None
        return Descent(
            right_losses=tuple(map(_number, right_losses)),
            losses=tuple(map(_number, losses)),
            right_path=tuple((_number(a), _number(b)) for a, b in right_path),
            path=tuple((_number(a), _number(b)) for a, b in path),
            lowest=self.lowest,
            curvature=self.curvature,
        )


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)


def _number(value: float) -> float | str:
    return float(value) if math.isfinite(value) else str(float(value))


def drawn_on(
    examples: Sequence[Example], right: Mapping[str, Any], wrong: Mapping[str, Any]
) -> Drawing | Descent | None:
    """What ``wrong`` makes of the first example that shows it; None where none does."""
    return next((one for e in examples if (one := e.drawn(right, wrong)) is not None), None)
