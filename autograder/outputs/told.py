"""How much is said of each check of an exercise, the same wherever its student reads of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from autograder.errors import FailureKind
from autograder.messages import ngettext
from autograder.report import Outcome
from autograder.report.student_view import CheckView


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of an exercise by how much there is to say of them."""

    passed: tuple[CheckView, ...]  # or found wrong, so that everybody has their points
    lost: tuple[CheckView, ...]  # all others, which are in one of these:
    whole: tuple[CheckView, ...]
    alike: tuple[CheckView, ...]  # hidden ones that a named mistake fails
    waiting: tuple[CheckView, ...]  # for something that is not there, which is said already
    not_run: tuple[CheckView, ...]

    @property
    def in_short(self) -> list[tuple[Sequence[CheckView], str]]:
        """Those of which only their number is said, with the sentence on each kind there is."""
        kinds = (
            (self.alike, _alike(len(self.alike))),
            (self.waiting, _waiting(len(self.waiting))),
            (self.not_run, _not_run(len(self.not_run))),
            (self.passed, passed_text(len(self.passed))),
        )
        return [(checks, said) for checks, said in kinds if checks]


def told_of(checks: Iterable[CheckView]) -> Told:
    """``checks`` by how much there is to say of them, in order."""
    kinds: dict[str, list[CheckView]] = {
        name: [] for name in ("passed", "lost", "whole", "alike", "waiting", "not_run")
    }
    said = ""
    for check in checks:
        if check.outcome is Outcome.PASSED or check.void:
            kinds["passed"].append(check)
            continue
        kinds["lost"].append(check)
        if check.hidden and check.misconception is not None and check.drawing is None:
            kinds["alike"].append(check)
        elif check.failure == FailureKind.NOT_RUN.value:
            kinds["not_run"].append(check)
        elif said and not check.was_asked and (check.hidden or check.message == said):
            kinds["waiting"].append(check)
        else:
            said = said if check.was_asked else check.message
            kinds["whole"].append(check)
    return Told(**{name: tuple(found) for name, found in kinds.items()})


def passed_text(count: int) -> str:
    """How many passed."""
    return ngettext("{count} check passed", "{count} checks passed", count).format(count=count)


def carried_text(checks: Iterable[CheckView]) -> str:
    """That one mistake costs its points once, where ``checks`` were tried without it; else ""."""
    carried = sum(check.carried_forward for check in checks)
    if not carried:
        return ""
    return ngettext(
        "{count} check was tried with a right answer in the place of what it builds on: one "
        "mistake costs its points once.",
        "{count} checks were tried with a right answer in the place of what they build on: one "
        "mistake costs its points once.",
        carried,
    ).format(count=carried)


def _alike(count: int) -> str:
    return ngettext(
        "{count} hidden check fails by the same mistake",
        "{count} hidden checks fail by the same mistake",
        count,
    ).format(count=count)


def _waiting(count: int) -> str:
    return ngettext(
        "{count} more check waits for it", "{count} more checks wait for it", count
    ).format(count=count)


def _not_run(count: int) -> str:
    return ngettext(
        "{count} check was not run: the time was used up",
        "{count} checks were not run: the time was used up",
        count,
    ).format(count=count)
