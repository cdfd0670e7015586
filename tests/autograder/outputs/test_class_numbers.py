"""The numbers of a class, against numpy and by hand."""

from __future__ import annotations

import random

import msgspec
import numpy as np
import pytest

from autograder.outputs.class_line import Asked, Line
from autograder.outputs.class_numbers import (
    ENOUGH,
    CheckNumbers,
    Weakness,
    check_numbers,
    failed_together,
    misconceptions_shown,
    point_biserial,
    score_bars,
    score_numbers,
    time_bars,
)
from autograder.report import MisconceptionText, Outcome, Visibility

P, F, E = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED


def asked(name: str, points: int = 1) -> Asked:
    return Asked("one", name, name.upper(), Visibility.HIDDEN, points, void=False)


CHECKS = (asked("a"), asked("b"), asked("c"))


def line(*outcomes: Outcome, student: str = "ada", **more: object) -> Line:
    """A submission that is asked as many checks, a point each."""
    scores = tuple(None if one is E else int(one is P) for one in outcomes)
    score = None if E in outcomes else sum(one or 0 for one in scores)
    made = Line(
        student=student, score=score, max_score=3, exercises=((score, 3),),
        asked=CHECKS[: len(outcomes)], outcomes=outcomes, scores=scores, misconceptions=(),
        troubles=(), remarks=(), late_seconds=0, late_penalty=0.0, submitted_at=None,
        file="x.py", seconds=0.1,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def scored(*scores: int | None, points: int = 100) -> list[Line]:
    return [line(score=score, max_score=points) for score in scores]


# --- discrimination -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_discrimination_is_pearsons_correlation(seed: int) -> None:
    draw = random.Random(seed)
    rest = [draw.randrange(20) for _ in range(50)]  # with many ties
    passed = [draw.random() < 0.2 + one / 40 for one in rest]

    found = point_biserial(passed, rest)

    assert found == pytest.approx(np.corrcoef(np.array(passed, float), rest)[0, 1], abs=1e-12)


def test_who_passes_and_has_the_least_else_turns_it_round() -> None:
    assert point_biserial([True, True, False, False], [0, 0, 9, 9]) == pytest.approx(-1)


@pytest.mark.parametrize(
    ("passed", "rest"),
    [([True] * 3, [1, 2, 3]), ([False] * 3, [1, 2, 3]), ([True, False], [5, 5]), ([], [])],
)
def test_there_is_none_where_all_are_alike(passed: list[bool], rest: list[int]) -> None:
    assert point_biserial(passed, rest) is None


def test_a_checks_own_points_are_left_out_of_the_score() -> None:
    # With its own points "a" would go with the score; the rest is the same for all.
    lines = [line(P, P, F), line(F, P, F), line(P, F, P), line(F, F, P)]

    first = check_numbers(lines)[0]

    assert (first.answered, first.passed, first.discrimination) == (4, 2, None)


def test_who_passes_nothing_is_left_aside() -> None:
    lines = [line(P, F, F), line(F, P, P), line(F, F, F)]

    first = check_numbers(lines)[0]

    assert (first.answered, first.share) == (2, 0.5)


def test_a_check_that_broke_on_our_side_is_no_answer() -> None:
    lines = [line(P, E, F), line(P, P, F)]

    assert [one.answered for one in check_numbers(lines)] == [2, 1, 2]


def numbers(passed: int, answered: int, discrimination: float | None) -> CheckNumbers:
    return CheckNumbers(1, CHECKS[0], answered, passed, discrimination)


@pytest.mark.parametrize(
    ("passed", "discrimination", "weakness"),
    [
        (98, 0.5, Weakness.NEARLY_ALL_PASS),
        (100, None, Weakness.NEARLY_ALL_PASS),
        (2, 0.5, Weakness.NEARLY_NOBODY_PASSES),
        (50, -0.21, Weakness.TURNED_ROUND),
        (50, -0.19, Weakness.WEAK),  # as much comes by chance: 2 / sqrt(100)
        (50, 0.19, Weakness.WEAK),
        (50, 0.2, None),
        (50, None, None),
    ],
)
def test_a_weak_check_is_named_by_a_plain_word(
    passed: int, discrimination: float | None, weakness: Weakness | None
) -> None:
    assert numbers(passed, 100, discrimination).weakness is weakness


def test_a_small_class_does_not_tell() -> None:
    assert numbers(ENOUGH - 1, ENOUGH - 1, -0.5).weakness is None
    assert numbers(ENOUGH, ENOUGH, -0.5).weakness is not None


# --- scores and times ---------------------------------------------------------------------------


def test_quartiles_are_those_of_numpy() -> None:
    scores = [3, 7, 7, 19, 40, 56, 100]

    found = score_numbers(scored(*scores, None))

    assert found is not None
    quartiles = [found.lower_quartile, found.median, found.upper_quartile]
    assert quartiles == pytest.approx(list(np.percentile(scores, [25, 50, 75])))
    assert (found.count, found.full, found.zero) == (7, 1, 0)
    assert (found.lowest, found.highest) == (3, 100)


def test_one_score_is_all_its_quartiles() -> None:
    found = score_numbers(scored(42))

    assert found is not None and (found.lower_quartile, found.upper_quartile) == (42, 42)


def test_where_nobody_has_a_score_there_are_no_numbers() -> None:
    assert score_numbers(scored(None)) is None


def test_every_score_is_in_one_bar_and_all_points_in_the_last() -> None:
    bars = score_bars(scored(*range(101), None), 100)

    assert [(bars[0].low, bars[0].high), (bars[-1].low, bars[-1].high)] == [(0, 4), (95, 100)]
    assert [bar.count for bar in bars] == [5] * 19 + [6]


@pytest.mark.parametrize("points", [1, 3, 19, 20, 21, 250])
def test_bars_hold_everybody_whatever_the_points_are(points: int) -> None:
    bars = score_bars(scored(*range(points + 1), points=points), points)

    assert sum(bar.count for bar in bars) == points + 1


def test_times_fall_between_one_two_and_five() -> None:
    lines = [line(seconds=seconds) for seconds in (0.1, 0.15, 0.2, 1.0, 0.0)]

    bars = [(bar.low, bar.high, bar.count) for bar in time_bars(lines)]

    assert bars == [(0.1, 0.2, 2), (0.2, 0.5, 1), (0.5, 1, 0), (1, 2, 1)]


# --- together -----------------------------------------------------------------------------------


def test_of_who_fails_one_of_two_checks_some_fail_both() -> None:
    lines = [line(F, F, P), line(F, F, P), line(F, P, P), line(P, P, P), line(F, F, F)]

    [pair] = failed_together(lines)

    assert (pair.first, pair.second, pair.both, pair.either) == (1, 2, 2, 3)
    assert pair.share == pytest.approx(2 / 3)


def test_misconceptions_are_ranked_by_who_shows_them() -> None:
    turned, mean = (
        MisconceptionText(name=name, to_student="", to_instructor="", read_on="")
        for name in ("turned", "mean")
    )
    lines = [
        line(P, student="ada", misconceptions=(turned,)),
        line(P, student="bo", misconceptions=(mean, turned)),
    ]

    shown = misconceptions_shown(lines)

    assert [(one.misconception.name, one.students) for one in shown] == [
        ("turned", ("ada", "bo")),
        ("mean", ("bo",)),
    ]


def test_reports_on_other_checks_stand_beside_those_on_the_usual_ones() -> None:
    older = msgspec.structs.replace(line(P), asked=(asked("gone"),))

    found = check_numbers([older, line(P, F, F), line(F, P, F)])

    assert [(one.number, one.check.name, one.answered) for one in found] == [
        (1, "a", 2), (2, "b", 2), (3, "c", 2), (4, "gone", 1),
    ]  # fmt: skip
