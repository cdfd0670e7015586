"""The mark that makes a pytest test a check: exercise, points, hint, title."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

_Test = TypeVar("_Test", bound=Callable[..., None])


class CheckInfo(msgspec.Struct, frozen=True):
    """What a check declares about itself."""

    exercise: str
    points: int
    hint: str
    title: str


def check(
    exercise: str, *, points: int, hint: str, title: str | None = None
) -> Callable[[_Test], _Test]:
    """Declare a pytest test as a check.

    Args:
        exercise: Name of an exercise in assignment.toml.
        points: Whole number of points, at least 1.
        hint: One sentence for the student who fails it; gives nothing hidden away.
        title: What the student reads; by default the test's name as a sentence.
    """

    def mark(test: _Test) -> _Test:
        info = CheckInfo(exercise, points, hint, title or sentence(test.__name__))
        test.check_info = info  # type: ignore[attr-defined]
        return test

    return mark


def check_info(test: Callable[..., None]) -> CheckInfo | None:
    """What ``test`` was declared with, or None when it is no check."""
    info = getattr(test, "check_info", None)
    return info if isinstance(info, CheckInfo) else None


def sentence(name: str) -> str:
    """The name of a test as a sentence: its title, unless it has one of its own."""
    words = name.removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:]
