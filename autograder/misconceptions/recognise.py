"""Which misconception, if any, a failed check shows: by the answers, never by the student's text.

A check is given a name when the student's answers in it equal those of one misconception's model
and of no other's, and that model has been met on two or more independent inputs. A model that
fails a check which the student passed is not the student's mistake; nor is one that explains no
more than half of what the student failed, or of what the model itself fails: zeros agree with many
a mistake where the right answer happens to be small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from autograder.checks import Trace
from autograder.misconceptions.declare import Misconception, Misconceptions, Model
from autograder.misconceptions.examples import drawn_on
from autograder.misconceptions.remembered import Remembered, digests
from autograder.misconceptions.replay import answers_alike, missing, telling_inputs
from autograder.report import Descent, Drawing

_INPUTS_NEEDED = 2
_ASKED_FIRST = 3


class Judged(msgspec.Struct, frozen=True):
    """One check that is judged: did it fail, and what was said in it."""

    exercise: str
    failed: bool
    trace: Trace | None
    is_visible: bool = False  # so its inputs are everybody's

    @property
    def size(self) -> int:
        """About how much was computed in it."""
        return 0 if self.trace is None else self.trace.bytes


class Shown(msgspec.Struct, frozen=True):
    """A misconception that a check shows, and the model of it that answers so, if it has one."""

    misconception: Misconception
    model: Model | None = None


_Explained: TypeAlias = tuple[frozenset[str], Model | None]  # checks, and by which model


class Recogniser:
    """Names the mistakes of one submission after another; keeps nothing of any.

    Args:
        misconceptions: Those of the assignment.
        layers: torch.nn classes that a check may make.
        fails: Whether a model fails the check of that name, which is run on it.
    """

    def __init__(
        self,
        misconceptions: Misconceptions,
        layers: tuple[str, ...],
        fails: Callable[[Model, str], bool],
    ) -> None:
        self.misconceptions = misconceptions
        self._layers = layers
        self._fails = fails
        self._by_name = {known.name: known for known in misconceptions.known}
        self._failed_by: dict[tuple[int, str], bool] = {}  # id of a model, check; when first asked
        self._pictures: dict[tuple[str, int], Drawing | Descent | None] = {}  # as they are needed
        self._remembered = Remembered(layers)

    def name(self, judged: Mapping[str, Judged]) -> dict[str, Shown]:
        """The misconception of each failed check that shows just one."""
        claims: dict[str, list[Shown]] = {}
        for exercises in dict.fromkeys(known.exercises for known in self.misconceptions.known):
            own = {name: one for name, one in judged.items() if one.exercise in exercises}
            known = [one for one in self.misconceptions.known if one.exercises == exercises]
            if any(one.failed for one in own.values()):
                for one, (explained, model) in self._explanations(known, own).items():
                    for check in explained:
                        claims.setdefault(check, []).append(Shown(self._by_name[one], model))
        return {check: owners[0] for check, owners in claims.items() if len(owners) == 1}

    def picture(self, shown: Shown) -> Drawing | Descent | None:
        """What the mistake makes of the first of the assignment's examples that shows it."""
        key = shown.misconception.name, id(shown.model)
        if shown.model is not None and key not in self._pictures:
            examples, right = self.misconceptions.examples, self.misconceptions.right
            self._pictures[key] = drawn_on(examples, right, {**right, **shown.model})
        return self._pictures.get(key)

    def _explanations(
        self, known: Sequence[Misconception], own: Mapping[str, Judged]
    ) -> dict[str, _Explained]:
        """The failed checks that each misconception explains, by its name.

        Most models are none of the student's: they are asked about the smallest check first, about
        a few more only where none of those that agree there explains all that failed, and about
        hidden ones among these, where each model has to be run, only where that explains nothing.
        """
        answers = _Answers(self.misconceptions.right, self._layers, own, self._remembered)
        found: dict[str, _Explained] = {}
        few = answers.failed[:_ASKED_FIRST]
        visible = [check for check in few if own[check].is_visible]
        for asked in (few[:1], visible, few):
            if asked is few and any(checks for checks, _model in found.values()):
                break
            found = {one.name: self._explained(one, answers, asked) for one in known}
            if frozenset(answers.failed) in (checks for checks, _model in found.values()):
                break
        return found

    def _explained(
        self, known: Misconception, answers: _Answers, asked: Sequence[str]
    ) -> _Explained:
        """The failed checks that ``known`` explains, by any one of its models."""
        shown = frozenset(answers.failed)
        if shown in known.failed:
            return shown, next(iter(known.models), None)
        ways = ((self._explained_by(model, answers, asked), model) for model in known.models)
        return max(ways, key=lambda way: len(way[0]), default=(frozenset(), None))

    def _explained_by(
        self, model: Model, answers: _Answers, asked: Sequence[str]
    ) -> frozenset[str]:
        nothing: frozenset[str] = frozenset()
        if any(self._failed_by.get((id(model), check)) for check in answers.passed):
            return nothing
        if not self._agrees(model, answers, asked):
            return nothing
        if self._fails_one(model, answers.passed):
            return nothing
        alike: list[str] = []
        for asked_so_far, check in enumerate(answers.failed, start=1):
            if answers.alike(model, check):
                alike.append(check)
            elif 2 * (asked_so_far - len(alike)) >= len(answers.failed):
                return nothing  # whatever the rest is like, it is no more than half
        # What the model's answers have in common with passed checks is evidence, too: a kernel
        # that gets no gradient shows in the check of the image's.
        met: set[bytes] = set()
        for check in (*alike, *answers.passed):
            if answers.alike(model, check):
                met |= answers.telling_inputs(check)
            if len(met) >= _INPUTS_NEEDED:
                return frozenset(alike)
        return nothing

    def _agrees(self, model: Model, answers: _Answers, asked: Sequence[str]) -> bool:
        """Whether ``model`` gives the student's answers in one of the checks ``asked``.

        In a hidden one it has to be run each time; in a visible one it fails or not once for all.
        """
        visible = [check for check in asked if answers.is_visible(check)]
        if any(answers.alike(model, check) for check in visible):
            return True
        hidden = asked[len(visible) :]
        passed = [check for check in answers.passed if answers.is_visible(check)]
        if not hidden or self._fails_one(model, passed):
            return False
        return any(answers.alike(model, check) for check in hidden)

    def _fails_one(self, model: Model, checks: Sequence[str]) -> bool:
        return any(self._fails_check(model, check) for check in checks)

    def _fails_check(self, model: Model, check: str) -> bool:
        key = id(model), check
        if key not in self._failed_by:
            self._failed_by[key] = self._fails({**self.misconceptions.right, **model}, check)
        return self._failed_by[key]


class _Answers:
    """What one submission answered in the checks of some exercises.

    Visible checks first, whose inputs the models have mostly met before, and small ones.
    """

    def __init__(
        self,
        right: Model,
        layers: tuple[str, ...],
        own: Mapping[str, Judged],
        remembered: Remembered,
    ) -> None:
        self._right = right
        self._layers = layers
        self._own = own
        self._remembered = remembered
        self._digests: dict[str, list[bytes]] = {}
        self._not_there: dict[str, frozenset[str]] = {}
        in_order = sorted(own, key=lambda name: (not own[name].is_visible, own[name].size))
        self.failed = [name for name in in_order if own[name].failed]
        self.passed = [name for name in in_order if not own[name].failed]
        self._known: dict[tuple[int, str], bool] = {}  # id of a model, check
        self._telling: dict[str, set[bytes]] = {}

    def is_visible(self, check: str) -> bool:
        """Whether the inputs of ``check`` are everybody's."""
        return self._own[check].is_visible

    def alike(self, model: Model, check: str) -> bool:
        """Whether ``model`` gives every answer that the student gave in ``check``."""
        key = id(model), check
        if key not in self._known:
            self._known[key] = self._alike(model, self._own[check].trace, check)
        return self._known[key]

    def _alike(self, model: Model, trace: Trace | None, check: str) -> bool:
        if trace is None:
            return False
        whole = {**self._right, **model}
        if not self._missing(trace, check).isdisjoint(whole):
            return False  # the model would be trained for nothing
        if not self._own[check].is_visible:
            return answers_alike(trace, whole, self._layers)
        if check not in self._digests:
            self._digests[check] = digests(trace)
        return self._remembered.answers_alike(trace, self._digests[check], id(model), whole)

    def _missing(self, trace: Trace, check: str) -> frozenset[str]:
        if check not in self._not_there:
            self._not_there[check] = missing(trace)
        return self._not_there[check]

    def telling_inputs(self, check: str) -> set[bytes]:
        """The inputs of ``check`` to which the answers are not the right ones."""
        if check not in self._telling:
            trace = self._own[check].trace
            self._telling[check] = (
                set() if trace is None else telling_inputs(trace, self._right, self._layers)
            )
        return self._telling[check]
