"""Answers that are remembered from one submission to the next name what they would name anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.checks import Student, Trace
from autograder.misconceptions.remembered import Remembered, digests
from autograder.misconceptions.replay import ModelStudent, answers_alike, missing

Function = Callable[..., Any]


class Counted:
    """A function that counts its calls."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.calls = 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.function(*args)


def trace_of(definitions: Mapping[str, Any], *inputs: Tensor, seed: int = 1) -> Trace:
    """What a student with these definitions says, asked for ``f`` of each input."""
    trace = Trace(seed)
    student = Student(ModelStudent(definitions, (), seed), trace)
    for x in inputs:
        student.call("f", x)
    return trace


ONE, TWO = torch.ones(2), torch.full((2,), 2.0)


def alike(remembered: Remembered, trace: Trace, model: Mapping[str, Any]) -> bool:
    return remembered.answers_alike(trace, digests(trace), 1, model)


def test_the_same_question_is_asked_of_a_model_once() -> None:
    doubled = Counted(lambda x: 2 * x)
    remembered = Remembered(())
    alike(remembered, trace_of({"f": lambda x: 2 * x}, ONE, TWO), {"f": doubled})
    before = doubled.calls

    found = [
        alike(remembered, trace_of({"f": student}, ONE, TWO, seed=9), {"f": doubled})
        for student in (lambda x: 2 * x, lambda x: 3 * x, lambda x: x + 1)
    ]

    assert found == [True, False, False]
    assert doubled.calls == before


def test_an_answer_that_is_drawn_is_asked_for_again_with_the_students_seed() -> None:
    drawn = {"f": lambda x: torch.rand(2)}
    remembered = Remembered(())

    found = [alike(remembered, trace_of(drawn, ONE, seed=seed), drawn) for seed in (1, 2, 1)]

    assert found == [True, True, True]


def test_a_model_that_draws_is_met_the_first_time_as_it_is_met_later() -> None:
    drawn = {"f": lambda x: x + torch.rand(2)}
    trace = trace_of(drawn, ONE, TWO, ONE, seed=3)
    remembered = Remembered(())

    assert [alike(remembered, trace, drawn) for _again in range(2)] == [True, True]


@pytest.mark.parametrize("other", [TWO, ONE.double(), torch.ones(1, 2)])
def test_another_input_is_another_question(other: Tensor) -> None:
    model = {"f": lambda x: x * x.numel() * x.dim() * float(x.sum())}
    remembered = Remembered(())
    alike(remembered, trace_of(model, ONE), model)

    assert alike(remembered, trace_of(model, other), model)


def test_what_came_before_is_part_of_the_question() -> None:
    def counting() -> Mapping[str, Function]:
        seen: list[float] = []

        def f(x: Tensor) -> Tensor:
            seen.append(0.0)
            return x * len(seen)

        return {"f": f}

    first, second = trace_of(counting(), ONE, ONE), trace_of(counting(), TWO, ONE)

    assert digests(first)[1] != digests(second)[1]


def test_two_models_are_two_even_where_one_is_forgotten() -> None:
    remembered = Remembered(())
    trace = trace_of({"f": lambda x: 2 * x}, ONE)

    assert remembered.answers_alike(trace, digests(trace), 1, {"f": lambda x: 2 * x})
    assert not remembered.answers_alike(trace, digests(trace), 2, {"f": lambda x: 3 * x})


def test_it_comes_to_what_asking_anew_comes_to_for_longer_and_shorter_traces() -> None:
    model = {"f": lambda x: 2 * x if x.sum() < 3 else x}
    remembered = Remembered(())

    for inputs in ((ONE,), (ONE, TWO), (ONE, TWO, ONE), (TWO,)):
        for student in (lambda x: 2 * x, lambda x: x, model["f"]):
            trace = trace_of({"f": student}, *inputs)
            assert alike(remembered, trace, model) == answers_alike(trace, model, ())


def test_questions_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.misconceptions.remembered._MOST", 5)
    model = {"f": lambda x: 2 * x}
    remembered = Remembered(())

    for number in range(50):
        assert alike(remembered, trace_of(model, torch.full((1,), float(number))), model)

    assert len(remembered._answers) <= 6


def test_what_is_not_written_is_missing() -> None:
    trace = Trace(1)
    student = Student(ModelStudent({}, (), 1), trace)
    for ask in (lambda: student.call("f", ONE), lambda: student.make("Layer")):
        with pytest.raises(Exception, match="not defined"):
            ask()

    assert missing(trace) == {"f", "Layer"}
