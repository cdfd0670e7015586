"""The mark that makes a pytest test a check: exercise, points, hint, title."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

_Test = TypeVar("_Test", bound=Callable[..., None])


class CheckInfo(msgspec.Struct, frozen=True):
    """What a check declares about itself. ``hint`` is the first of ``hints``."""

    exercise: str
    points: int
    hint: str
    title: str
    hints: tuple[str, ...] = ()


def check(
    exercise: str, *, points: int, hint: str | tuple[str, ...], title: str | None = None
) -> Callable[[_Test], _Test]:
    """Declare a pytest test as a check.

    Args:
        exercise: Name of an exercise in assignment.toml.
        points: Whole number of points, at least 1.
        hint: One sentence for the student who fails it, or several, from general to specific,
            which practice gives one after the other; reports hold the first. They give nothing
            hidden away.
        title: What the student reads; by default the test's name as a sentence.
    """

    def mark(test: _Test) -> _Test:
        hints = (hint,) if isinstance(hint, str) else tuple(hint)
        first = hints[0] if hints else ""
        info = CheckInfo(exercise, points, first, title or sentence(test.__name__), hints)
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
