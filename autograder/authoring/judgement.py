"""What the graded submissions of an audit say about the checks: no file, no process, no sandbox.

A right answer that loses a point, a wrong one that keeps all, a mistake by a wrong name: each is a
defect of the checks, not of a student.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from autograder.authoring.labelled import Label
from autograder.authoring.mutants import Equivalent, Mutant
from autograder.messages import _

NAMED_AT_LEAST = 0.95  # of the wrong submissions whose mistake has a name

Kind = Literal["right", "wrong", "mutant"]


class CheckRun(msgspec.Struct, frozen=True):
    """What one check came to on one submission."""

    exercise: str
    lost: int  # points
    max_score: int
    errored: bool
    misconception: str | None
    detail: str


class Run(msgspec.Struct, frozen=True):
    """One labelled submission or mutant, graded."""

    name: str
    kind: Kind
    label: Label | None
    checks: Mapping[str, CheckRun]
    unsteady: Mapping[str, int] = {}  # check → seeds with which it came to something else

    def lost(self, without: Collection[str] = ()) -> dict[str, int]:
        """Points lost, by exercise, when the checks ``without`` did not exist."""
        lost: dict[str, int] = {}
        for name, check in self.checks.items():
            if check.lost and name not in without:
                lost[check.exercise] = lost.get(check.exercise, 0) + check.lost
        return lost

    def failed(self) -> frozenset[str]:
        """The checks that cost points."""
        return frozenset(name for name, check in self.checks.items() if check.lost)

    def named(self) -> frozenset[str]:
        """The misconceptions that failed checks were given."""
        return frozenset(c.misconception for c in self.checks.values() if c.misconception)


class Defect(msgspec.Struct, frozen=True):
    """One thing that is wrong with the checks, the labels or the misconceptions."""

    kind: Literal[
        "lost",
        "kept",
        "outside",
        "errored",
        "misnamed",
        "unnamed",
        "survived",
        "stale",
        "idle",
        "luck",
    ]
    what: str  # a submission, a mutant or a check
    why: str


class Audit(msgspec.Struct, frozen=True):
    """What the audit found."""

    right: int
    wrong: int
    with_name: int  # wrong submissions whose mistake has a name
    named: int  # of these, given that name and no other
    mutants: int
    equivalent: int
    checks: int
    together: tuple[tuple[str, ...], ...]  # checks that fail on the same submissions, always
    defects: tuple[Defect, ...]
    seconds: float

    def of(self, *kinds: str) -> tuple[Defect, ...]:
        """The defects of these kinds."""
        return tuple(defect for defect in self.defects if defect.kind in kinds)


def judge(
    runs: Sequence[Run],
    checks: Sequence[str],
    equivalents: Sequence[Equivalent] = (),
    *,
    whole: bool = True,
    without: Sequence[str] = (),
    seconds: float = 0.0,
) -> Audit:
    """What ``runs`` say about ``checks``. Unless ``whole``, not all mutants are there."""
    wrong = [run for run in runs if run.kind == "wrong"]
    mutants = [run for run in runs if run.kind == "mutant"]
    named = [run for run in wrong if run.label and run.label.misconception]
    rightly = [run for run in named if run.label and run.named() == {run.label.misconception}]
    listed = {Mutant(e.was, e.becomes).name for e in equivalents}
    survived = [run.name for run in mutants if not run.lost(without)]
    idle = [name for name in checks if name not in without and not _failed_by(name, wrong)]
    defects = (
        *(defect for run in runs for defect in _defects(run, without)),
        *_unnamed(named, rightly),
        *(
            Defect("survived", name, _("no check fails on this mutant of the solution"))
            for name in survived
            if name not in listed
        ),
        *_stale(listed, survived, [run.name for run in mutants], whole),
        *(
            Defect("idle", name, _("no wrong submission fails it: what is it for?"))
            for name in idle
        ),
    )
    return Audit(
        right=sum(run.kind == "right" for run in runs),
        wrong=len(wrong),
        with_name=len(named),
        named=len(rightly),
        mutants=len(mutants),
        equivalent=sum(name in listed for name in survived),
        checks=len(checks) - len(without),
        together=tuple(_together([c for c in checks if c not in without], wrong)),
        defects=defects,
        seconds=round(seconds, 1),
    )


def _defects(run: Run, without: Sequence[str]) -> Iterator[Defect]:
    """What is not as the label of one submission says."""
    for name, check in run.checks.items():
        if check.errored:
            last = check.detail.rstrip().rpartition("\n")[2]
            yield Defect("errored", run.name, f"{name}: {last}")
    for name, count in run.unsteady.items():
        yield Defect("luck", run.name, _("{check} ({count} seeds)").format(check=name, count=count))
    if run.kind == "mutant":
        return
    lost = run.lost(without)
    must_lose = run.label.exercises if run.label else ()
    kind: Literal["lost", "outside"] = "outside" if run.label else "lost"
    for exercise in lost.keys() - set(must_lose):
        failing = [n for n, c in run.checks.items() if n in run.failed() and c.exercise == exercise]
        yield Defect(kind, run.name, f"{exercise} -{lost[exercise]}: {', '.join(failing)}")
    for exercise in must_lose:
        if exercise not in lost:
            yield Defect("kept", run.name, _("keeps all of {exercise}").format(exercise=exercise))
    for exercise in run.label.loses_all if run.label else ():
        most = sum(c.max_score for c in run.checks.values() if c.exercise == exercise)
        kept = [
            n for n, c in run.checks.items() if c.exercise == exercise and n not in run.failed()
        ]
        if 0 < lost.get(exercise, 0) < most and kept and not without:
            yield Defect("kept", run.name, f"{exercise}: {', '.join(kept)}")
    expected = {run.label.misconception} if run.label else set()
    for other in sorted(run.named() - expected):
        yield Defect("misnamed", run.name, _("is called {name}").format(name=other))


def _unnamed(named: Sequence[Run], rightly: Sequence[Run]) -> Iterator[Defect]:
    """Which mistakes go without their name, where these are too many."""
    if len(rightly) < NAMED_AT_LEAST * len(named):
        for run in named:
            if not run.named() and run.label is not None:
                why = _("is not recognised as {name}").format(name=run.label.misconception)
                yield Defect("unnamed", run.name, why)


def _stale(
    listed: Collection[str], survived: Sequence[str], mutants: Sequence[str], whole: bool
) -> Iterator[Defect]:
    """Mutants that are listed as equivalent and are not, or are no more."""
    for name in sorted(listed):
        if name in mutants and name not in survived:
            yield Defect("stale", name, _("is listed as equivalent, and a check fails on it"))
        elif whole and name not in mutants:
            yield Defect("stale", name, _("is listed as equivalent, and there is no such mutant"))


def _failed_by(check: str, runs: Sequence[Run]) -> frozenset[str]:
    return frozenset(run.name for run in runs if check in run.failed())


def _together(checks: Sequence[str], wrong: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    """Groups of checks that fail on exactly the same wrong submissions."""
    groups: dict[frozenset[str], list[str]] = {}
    for check in checks:
        groups.setdefault(_failed_by(check, wrong), []).append(check)
    for submissions, group in groups.items():
        if submissions and len(group) > 1:
            yield tuple(group)
