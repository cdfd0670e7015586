"""The collected checks, held against the assignment: none without points, none of another part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
import pytest

from autograder.checks import CheckInfo, check_info
from autograder.errors import AuthorError
from autograder.messages import _
from autograder.report import Visibility
from autograder.spec import AssignmentSpec


class Check(msgspec.Struct, frozen=True):
    """A collected check."""

    name: str
    info: CheckInfo
    visibility: Visibility
    item: pytest.Item


def collected_checks(
    items: Sequence[pytest.Item], spec: AssignmentSpec, hidden: Path | None
) -> list[Check]:
    """The checks among ``items``, visible ones first, held against ``spec``.

    Visible checks run first, so that nothing a visible check shows can carry a hidden input.

    Raises AuthorError where a test is no check, a name comes twice, or points do not add up.
    """
    checks = []
    for item in items:
        info = check_info(getattr(item, "function", lambda: None))
        where = _where(item)
        if info is None:
            raise AuthorError(
                _("{where}: {name} is no check\n  fix: put @check(...) above it").format(
                    where=where, name=item.name
                )
            )
        _hold_against_spec(info, spec, where)
        visibility = (
            Visibility.HIDDEN
            if hidden is not None and item.path.is_relative_to(hidden)
            else Visibility.VISIBLE
        )
        checks.append(Check(item.name, _in_language(info, spec), visibility, item))
    first: dict[str, Check] = {}
    for check in checks:
        if check.name in first:
            raise AuthorError(
                _("{where}: another check is called {name}: {other}\n  fix: rename one").format(
                    where=_where(check.item), name=check.name, other=_where(first[check.name].item)
                )
            )
        first[check.name] = check
    if hidden is not None:
        _points_add_up(checks, spec)
        _void_ones_exist(first, spec)
    return sorted(checks, key=lambda check: check.visibility is Visibility.HIDDEN)


def _in_language(info: CheckInfo, spec: AssignmentSpec) -> CheckInfo:
    return msgspec.structs.replace(
        info,
        title=spec.say(info.title),
        hint=spec.say(info.hint),
        hints=tuple(map(spec.say, info.hints)),
    )


def _where(item: pytest.Item) -> str:
    return f"{item.path}:{(item.location[1] or 0) + 1}"


def _hold_against_spec(info: CheckInfo, spec: AssignmentSpec, where: str) -> None:
    if info.exercise not in {exercise.name for exercise in spec.exercises}:
        raise AuthorError(
            _("{where}: there is no exercise {exercise!r}\n  fix: one of {names}").format(
                where=where, exercise=info.exercise, names=", ".join(e.name for e in spec.exercises)
            )
        )
    hinted = info.hint.strip() and all(hint.strip() for hint in info.hints)
    if type(info.points) is not int or info.points < 1 or not hinted:
        raise AuthorError(
            _(
                "{where}: a check needs whole points of at least 1, and a hint\n"
                '  fix: write @check("<exercise>", points=<number>, hint="…")'
            ).format(where=where)
        )


def _void_ones_exist(checks: Collection[str], spec: AssignmentSpec) -> None:
    unknown = [name for name in spec.void if name not in checks]
    if unknown:
        raise AuthorError(
            _(
                "solutions/{assignment}/assignment.toml: void names {unknown}, which is no check\n"
                "  fix: one of {names}"
            ).format(
                assignment=spec.name, unknown=", ".join(unknown), names=", ".join(sorted(checks))
            )
        )


def _points_add_up(checks: Sequence[Check], spec: AssignmentSpec) -> None:
    for exercise in spec.exercises:
        own = [check for check in checks if check.info.exercise == exercise.name]
        total = sum(check.info.points for check in own)
        if total != exercise.points:
            listing = "".join(f"\n    {_where(c.item)}: {c.info.points}" for c in own)
            raise AuthorError(
                _(
                    "the checks of {exercise} add up to {total} points, assignment.toml says "
                    "{points}{listing}\n  fix: change the points of a check or of the exercise"
                ).format(
                    exercise=exercise.name, total=total, points=exercise.points, listing=listing
                )
            )
