"""Mutants of a solution: small changes that make it wrong, made by cosmic-ray's operators.

The operators are used, not the tool: it would run a test suite of its own for each mutant, where
here the checks run in the sandbox. docs/grading.md says why this tool.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from autograder.errors import AuthorError, OperatorError
from autograder.messages import _
from autograder.spec import Course

EQUIVALENT = "equivalent_mutants.toml"


class Mutant(msgspec.Struct, frozen=True):
    """One changed line of a solution cell; ``source`` is the whole cell, ``of`` it before."""

    was: str
    becomes: str
    source: str = ""
    of: str = ""

    @property
    def name(self) -> str:
        """The change on one line."""
        return f"- {self.was}  + {self.becomes}"


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that is right all the same; ``reason`` says why."""

    was: str
    becomes: str
    reason: str


class _EquivalentFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equivalent: tuple[Equivalent, ...] = ()


def mutants_of(sources: Sequence[str], at_most: int | None = None) -> list[Mutant]:
    """Every different mutant of the cells ``sources``, or ``at_most`` of them, always the same.

    Raises OperatorError where cosmic-ray is not installed.
    """
    found = [mutant for source in sources for mutant in _mutants(source)]
    if at_most is None or at_most >= len(found):
        return found
    chosen = sorted(found, key=lambda m: hashlib.sha256(m.source.encode()).digest())[:at_most]
    return [mutant for mutant in found if mutant in chosen]


def known_equivalents(course: Course, assignment: str) -> tuple[Equivalent, ...]:
    """The mutants that the author found to be right. Raises AuthorError."""
    path = course.labelled(assignment) / EQUIVALENT
    if not path.exists():
        return ()
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_EquivalentFile).equivalent
    except (msgspec.DecodeError, OSError) as error:
        raise AuthorError(
            _("{path}: {error}\n  fix: each has `was`, `becomes` and `reason`").format(
                path=path, error=error
            )
        ) from error


def _mutants(source: str) -> Iterator[Mutant]:
    try:
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError as error:
        raise OperatorError(
            _(
                "mutants are made with cosmic-ray, and it cannot be loaded: {error}\n"
                "  fix: pip install 'convcourse[audit]'   (in the course repository: make setup)"
            ).format(error=error)
        ) from error
    seen = {source}
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():  # made for one given variable
            continue
        for occurrence in range(len(source)):
            mutated = mutate_code(source, operator(), occurrence)
            if mutated is None:
                break
            if mutated not in seen:
                seen.add(mutated)
                yield Mutant(*_changed_line(source, mutated), mutated, source)


def _changed_line(source: str, mutated: str) -> tuple[str, str]:
    lines = difflib.ndiff(source.splitlines(), mutated.splitlines())
    changed = [line for line in lines if line[:1] in "-+"]
    was = " ".join(line[2:].strip() for line in changed if line[0] == "-")
    becomes = " ".join(line[2:].strip() for line in changed if line[0] == "+")
    return was, becomes
