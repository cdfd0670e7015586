"""The numbers of a class: its scores, each check's worth, and what is failed together."""

from __future__ import annotations

import enum
import math
import statistics
from collections.abc import Sequence

import msgspec

from autograder.outputs.class_line import Asked, Line
from autograder.report import MisconceptionText, Outcome

_BARS = 20  # of the histogram of scores
# Two numbers that have nothing to do with each other correlate by about 1 / sqrt(n) by chance:
# below 30 submissions that is as much as the 0.2 that is asked for.
ENOUGH = 30
WEAK = 0.2  # Ebel and Frisbie, Essentials of Educational Measurement: below it, revise or drop
NEARLY_ALL = 0.97
NEARLY_NOBODY = 0.03


class ScoreNumbers(msgspec.Struct, frozen=True):
    """The scores of a class in a few numbers; points."""

    count: int
    mean: float
    lowest: int
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: int
    full: int  # how many have all points
    zero: int  # how many have none


class Bar(msgspec.Struct, frozen=True):
    """How many are from ``low`` to ``high``, both of them among these where they are points."""

    low: float
    high: float
    count: int


class Weakness(enum.Enum):
    """Why a check tells little of who can do it; None of these where it is sound."""

    NEARLY_ALL_PASS = "nearly all pass"
    NEARLY_NOBODY_PASSES = "nearly nobody passes"
    TURNED_ROUND = "the better ones fail it"  # more of them than by chance: look at the check
    WEAK = "tells little"


class CheckNumbers(msgspec.Struct, frozen=True):
    """What became of one check among those who have begun."""

    number: int  # its place in the assignment, from 1
    check: Asked
    answered: int  # submissions with an outcome of their own: errored ones are left out
    passed: int
    discrimination: float | None

    @property
    def share(self) -> float | None:
        """Of those who answered, how many pass: from 0 to 1."""
        return self.passed / self.answered if self.answered else None

    @property
    def weakness(self) -> Weakness | None:
        """What is weak about it; a class of less than `ENOUGH` does not tell."""
        share = self.share
        if share is None or self.answered < ENOUGH:
            return None
        if share >= NEARLY_ALL:
            return Weakness.NEARLY_ALL_PASS
        if share <= NEARLY_NOBODY:
            return Weakness.NEARLY_NOBODY_PASSES
        if self.discrimination is None:
            return None
        # Twice what comes by chance: a little below zero says nothing of who is better.
        if self.discrimination < -2 / math.sqrt(self.answered):
            return Weakness.TURNED_ROUND
        return Weakness.WEAK if self.discrimination < WEAK else None


class Pair(msgspec.Struct, frozen=True):
    """Two checks, by their numbers, and how many fail both, or one at least."""

    first: int
    second: int
    both: int
    either: int

    @property
    def share(self) -> float:
        """Of those who fail one at least, how many fail both (Jaccard's index): from 0 to 1."""
        return self.both / self.either if self.either else 0.0


class Shown(msgspec.Struct, frozen=True):
    """A misconception and who shows it."""

    misconception: MisconceptionText
    students: tuple[str, ...]


def score_numbers(lines: Sequence[Line]) -> ScoreNumbers | None:
    """The scores in a few numbers, None where nobody has one.

    Quartiles are interpolated between the two nearest scores (R's type 7, as in numpy).
    """
    scores = [line.score for line in lines if line.score is not None]
    if not scores:
        return None
    if len(scores) == 1:
        lower = middle = upper = float(scores[0])
    else:
        lower, middle, upper = statistics.quantiles(scores, n=4, method="inclusive")
    return ScoreNumbers(
        count=len(scores),
        mean=statistics.fmean(scores),
        lowest=min(scores),
        lower_quartile=lower,
        median=middle,
        upper_quartile=upper,
        highest=max(scores),
        full=sum(line.score == line.max_score for line in lines),
        zero=scores.count(0),
    )


def score_bars(lines: Sequence[Line], points: int) -> list[Bar]:
    """How many have 0 to 4 points, 5 to 9 and so on; the last bar ends with all of ``points``."""
    width = max(1, -(-points // _BARS))
    starts = list(range(0, max(1, points), width))
    counts = [0] * len(starts)
    for line in lines:
        if line.score is not None:
            counts[min(line.score // width, len(counts) - 1)] += 1
    ends = [start - 1 for start in starts[1:]] + [points]
    return [Bar(*one) for one in zip(starts, ends, counts, strict=True)]


def time_bars(lines: Sequence[Line]) -> list[Bar]:
    """How many took so many seconds to be graded: 0.1 to 0.2, to 0.5, to 1 and so on."""
    counts: dict[int, int] = {}
    for line in lines:
        if line.seconds > 0:
            step = _step(line.seconds)
            counts[step] = counts.get(step, 0) + 1
    if not counts:
        return []
    steps = range(min(counts), max(counts) + 1)
    return [Bar(_second(step), _second(step + 1), counts.get(step, 0)) for step in steps]


def _second(step: int) -> float:
    """1, 2, 5, 10, 20, …, and as much below 1."""
    decade, place = divmod(step, 3)
    return float(f"{(1, 2, 5)[place]}e{decade}")


def _step(seconds: float) -> int:
    step = 3 * math.floor(math.log10(seconds))
    while _second(step + 1) <= seconds:
        step += 1
    while _second(step) > seconds:
        step -= 1
    return step


def all_checks(lines: Sequence[Line]) -> list[Asked]:
    """The checks of the class in the assignment's order, each once.

    Reports of another version of the checks may be among them: their checks come after the others.
    """
    most_common: dict[tuple[Asked, ...], int] = {}
    for line in lines:
        most_common[line.asked] = most_common.get(line.asked, 0) + 1
    checks: dict[str, Asked] = {}
    for asked in sorted(most_common, key=lambda one: -most_common[one]):
        for check in asked:
            checks.setdefault(check.name, check)
    return list(checks.values())


def check_numbers(lines: Sequence[Line]) -> list[CheckNumbers]:
    """What became of each check, among submissions that pass at least one.

    One that passes none, mostly because it was not begun or does not run, says nothing of any one
    check, and a handful of them would make every check look as if it told the strong from the weak.
    """
    checks = all_checks(lines)
    answers: dict[str, _Answers] = {check.name: _Answers() for check in checks}
    for line in lines:
        if line.has_begun:
            for check, outcome, own in zip(line.asked, line.outcomes, line.scores, strict=True):
                answers[check.name].add(outcome, own, line.score)
    return [
        CheckNumbers(
            number,
            check,
            answers[check.name].answered,
            answers[check.name].passing,
            point_biserial(answers[check.name].passed, answers[check.name].rest),
        )
        for number, check in enumerate(checks, 1)
    ]


class _Answers:
    """What submissions answer to one check."""

    def __init__(self) -> None:
        self.answered = 0
        self.passing = 0
        self.passed: list[bool] = []  # of those with a score
        self.rest: list[int] = []  # their scores without this check

    def add(self, outcome: Outcome, own: int | None, score: int | None) -> None:
        """One more; where the check broke on our side it is no answer."""
        if outcome is Outcome.ERRORED:
            return
        passes = outcome is Outcome.PASSED
        self.answered += 1
        self.passing += passes
        if score is not None and own is not None:
            self.passed.append(passes)
            self.rest.append(score - own)


def point_biserial(passed: Sequence[bool], rest: Sequence[int]) -> float | None:
    """The discrimination of a check: how passing it goes with the score on everything else.

    ``r = (M1 - M0) / s * sqrt(p * (1 - p))``, where M1 and M0 are the mean rest of those who pass
    and of those who fail, s is the standard deviation of all (of n, not n - 1) and p the share that
    passes: Pearson's correlation where one of the two is yes or no. The check's own points are left
    out of the score, since with them every check goes with itself a little (Henrysson, "Correction
    of item-total correlations in item analysis", Psychometrika 28, 1963).

    Args:
        passed: Of each submission, whether it passes the check.
        rest: Of each the same, its score without this check, whole points.

    Returns:
        From -1 to 1; None where everybody passes, nobody does, or all have the same rest.
    """
    count, passing = len(passed), sum(passed)
    if passing in (0, count):
        return None
    squared = count * sum(one * one for one in rest) - sum(rest) ** 2  # of whole points: exact
    if squared == 0:
        return None
    of_passing = sum(one for one, passes in zip(rest, passed, strict=True) if passes)
    of_failing = sum(rest) - of_passing
    share = passing / count
    difference = of_passing / passing - of_failing / (count - passing)
    return difference / (math.sqrt(squared) / count) * math.sqrt(share * (1 - share))


def failed_together(lines: Sequence[Line]) -> list[Pair]:
    """Each two checks that somebody fails both of, among submissions that pass at least one.

    Bits of whole numbers stand for submissions: a thousand checks' pairs are counted at once.
    """
    begun = [line for line in lines if line.has_begun]
    numbers = {check.name: number for number, check in enumerate(all_checks(lines), 1)}
    failed = dict.fromkeys(numbers.values(), 0)
    for bit, line in enumerate(begun):
        for check, outcome in zip(line.asked, line.outcomes, strict=True):
            if outcome is Outcome.FAILED:
                failed[numbers[check.name]] |= 1 << bit
    found = []
    for first, one in failed.items():
        for second, other in failed.items():
            if first < second and one & other:
                pair = Pair(first, second, (one & other).bit_count(), (one | other).bit_count())
                found.append(pair)
    return found


def misconceptions_shown(lines: Sequence[Line]) -> list[Shown]:
    """The misconceptions of the class, the most frequent first, with who shows each."""
    texts: dict[str, MisconceptionText] = {}
    students: dict[str, list[str]] = {}
    for line in lines:
        for one in line.misconceptions:
            texts.setdefault(one.name, one)
            students.setdefault(one.name, []).append(line.student)
    ranked = sorted(students, key=lambda name: (-len(students[name]), name))
    return [Shown(texts[name], tuple(students[name])) for name in ranked]
