"""Whether a text that students read tells what a check compares with."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import torch
from torch import Tensor

# No part of a name or a size, such as Conv2D or 6x8; \w would count Chinese characters too.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])[-+]?(?:\d++(?:\.\d++)?+|\.\d++)(?:[eE][-+]?\d++)?+(?![A-Za-z_])"
)
_IN_A_LIST = frozenset("[]0123456789.,+-eE \t\n")
_LONGEST_LIST = 1000  # characters
_NO_SECRETS = (0.0, 1.0, -1.0)
_NEAR = 1e-5  # about as near as a comparison asks for


class Said(msgspec.Struct, frozen=True):
    """The numbers, and the lists of several numbers, in a text, each as it is written there."""

    numbers: Mapping[str, float]
    lists: Mapping[str, tuple[float, ...]]


def said_in(text: str) -> Said:
    """What ``text`` says in figures."""
    return Said({found: float(found) for found in _NUMBER.findall(text)}, dict(_lists_in(text)))


def told_answer(text: str, runs: Sequence[Sequence[Tensor]], public: Said) -> str | None:
    """What ``text`` tells of the values expected in every one of ``runs``, as written; or None.

    That is a number, unless it is 0, 1 or -1, or a list that is all of a tensor.

    Args:
        text: A title or a hint.
        runs: What each run of the check, on inputs of its own, compared with.
        public: What students are told anyway.
    """
    said = said_in(text)
    for written, number in said.numbers.items():
        if not _any_near(number, (*_NO_SECRETS, *public.numbers.values())) and _in_all(
            any(_holds(tensor, number) for tensor in run) for run in runs
        ):
            return written
    for written, numbers in said.lists.items():
        if numbers not in public.lists.values() and _in_all(
            any(_is(tensor, numbers) for tensor in run) for run in runs
        ):
            return written
    return None


def _in_all(found: Iterable[bool]) -> bool:
    """Whether there is one, and all of them hold."""
    each = list(found)
    return bool(each) and all(each)


def _any_near(number: float, others: Iterable[float]) -> bool:
    return any(math.isclose(number, other, rel_tol=_NEAR, abs_tol=_NEAR) for other in others)


def _holds(tensor: Tensor, number: float) -> bool:
    near = torch.isclose(tensor.double(), torch.tensor(number).double(), rtol=_NEAR, atol=_NEAR)
    return bool(near.any())


def _is(tensor: Tensor, numbers: Sequence[float]) -> bool:
    if tensor.numel() != len(numbers):
        return False
    expected = torch.tensor(numbers, dtype=torch.float64)
    return torch.allclose(tensor.double().flatten(), expected, rtol=_NEAR, atol=_NEAR)


def _lists_in(text: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Every list of two numbers or more, lists of lists flattened."""
    for start in (found.start() for found in re.finditer(r"\[", text)):
        depth = 0
        for end, character in enumerate(text[start : start + _LONGEST_LIST], start + 1):
            if character not in _IN_A_LIST:
                break
            depth += (character == "[") - (character == "]")
            if depth == 0:
                numbers = _flattened(text[start:end])
                if len(numbers) > 1:
                    yield text[start:end], numbers
                break


def _flattened(written: str) -> tuple[float, ...]:
    """The numbers of a list literal; none where it is no such thing."""
    try:
        waiting = [ast.literal_eval(written)]
    except (SyntaxError, ValueError):
        return ()
    numbers: list[float] = []
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value
        elif isinstance(value, int | float):
            numbers.append(float(value))
        else:
            return ()
    return tuple(numbers)
