"""A model is asked what a check asked the student, and the two are compared: no sandbox."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autograder.checks import Exchange, Student, StudentFailure, Trace
from autograder.misconceptions import ANYTHING
from autograder.misconceptions.replay import (
    ModelStudent,
    answers_alike,
    replay,
    same_answer,
    telling_inputs,
)
from autograder.sandbox.inside import wire, words

LAYERS = ("Linear",)
ONES = torch.ones(2)
Check = Callable[[Student], object]


def trace_of(check: Check, definitions: Mapping[str, Any], seed: int = 0) -> Trace:
    """What ``check`` asked a student who wrote ``definitions``, and what came back."""
    trace = Trace(seed)
    with contextlib.suppress(StudentFailure):
        check(Student(ModelStudent(definitions, LAYERS, seed), trace))
    return trace


def alike(check: Check, theirs: Any, ours: Any) -> bool:
    """Whether a model that answers as ``ours`` does gives the answers of a student's ``theirs``."""
    return answers_alike(trace_of(check, {"answer": theirs}), {"answer": ours}, LAYERS)


def ask(student: Student) -> None:
    student.call("answer", ONES)


def ask_for_gradients(student: Student) -> None:
    student.gradients("answer", torch.ones(2, requires_grad=True))


def layer_that_starts_from(start: float) -> type[nn.Module]:
    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([start]))

        def forward(self, x: Tensor) -> Tensor:
            return self.weight * x

    return Layer


# --- The model as a student ---------------------------------------------------------------------


def test_a_parameter_that_was_read_stays_what_it_was_when_it_is_set() -> None:
    student = Student(ModelStudent({"Layer": layer_that_starts_from(0.0)}, LAYERS, 0))
    layer = student.make("Layer")

    value = layer.read("weight").value
    layer.write("weight", torch.tensor([3.0]))

    assert value.item() == 0
    assert layer.read("weight").value.item() == 3


def test_a_model_cannot_change_what_was_sent() -> None:
    trace = trace_of(ask, {"answer": lambda x: x})

    assert not answers_alike(trace, {"answer": lambda x: x.mul_(7)}, LAYERS)

    assert trace.exchanges[0].sent[0].tolist() == [1, 1]


def test_a_model_that_raises_gives_an_error_for_an_answer() -> None:
    trace = trace_of(ask, {"answer": lambda x: x})

    [(_theirs, ours)] = replay(trace, {"answer": lambda x: x.nothing}, LAYERS)

    assert isinstance(ours.result, wire.Failed)


@pytest.mark.parametrize(
    "draw", [lambda x: torch.rand(3), lambda x: torch.tensor(np.random.rand())]
)
def test_a_model_draws_the_numbers_that_the_student_drew(draw: Any) -> None:
    trace = trace_of(ask, {"answer": draw}, seed=5)

    assert answers_alike(trace, {"answer": draw}, LAYERS)
    assert not answers_alike(trace, {"answer": lambda x: torch.randn(3)}, LAYERS)


def test_it_ends_at_an_object_that_the_model_did_not_make() -> None:
    definitions = {"Layer": layer_that_starts_from(1.0)}
    whole = trace_of(lambda student: student.make("Layer").read("weight"), definitions)
    trace = Trace(0)
    trace.add(whole.exchanges[1])  # the reading, without the making

    assert list(replay(trace, definitions, LAYERS)) == []
    assert not answers_alike(trace, definitions, LAYERS)


# --- The same answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (ONES, ONES + 1e-6),
        (1e6 * ONES, 1e6 * ONES + 10),  # of the largest
        ([1.0, 2.0], torch.tensor([1.0, 2.0])),
        (torch.tensor([[1.0], [2.0]]), [1.0, 2.0]),
        (ONES * float("nan"), ONES * float("nan")),
        (ONES * float("inf"), ONES * float("inf")),
        (0.1 + 0.2, 0.3),
        (1, 1.0),
        (float("nan"), float("nan")),
        (None, None),
        ("text", ANYTHING),
        (ONES, ANYTHING),
        (None, ANYTHING),
    ],
)
def test_answers_that_say_the_same_are_alike(theirs: Any, ours: Any) -> None:
    assert alike(ask, lambda x: theirs, lambda x: ours)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (ONES, ONES + 1e-3),
        (torch.ones(2, 1), torch.ones(2)),
        (ONES, ONES * float("nan")),
        (ONES * float("inf"), -ONES * float("inf")),
        (1.0, 1.1),
        (1.0, float("nan")),
        (1.0, torch.tensor(1.0)),
        (None, 0.0),
        ("text", "other"),
        ([], None),
        (ANYTHING, ONES),  # the student may say so, too
    ],
)
def test_answers_that_differ_are_told_apart(theirs: Any, ours: Any) -> None:
    assert not alike(ask, lambda x: theirs, lambda x: ours)


def test_where_any_answer_will_do_the_arguments_are_compared_all_the_same() -> None:
    assert not alike(ask, lambda x: x.mul_(2).sum(), lambda x: ANYTHING)


def test_a_gradient_that_is_missing_is_another_than_one_of_zeros() -> None:
    assert not alike(
        ask_for_gradients,
        lambda x: (x.detach() * 2).requires_grad_(),  # no way back
        lambda x: x * 0 + 2,
    )


def test_of_an_error_the_text_counts_and_not_what_autograd_adds_about_the_tensor() -> None:
    def raising(text: str) -> Callable[[Tensor], None]:
        def answer(x: Tensor) -> None:
            raise RuntimeError(text)

        return answer

    assert alike(ask, raising("changed in place: [FloatTensor [3]]"), raising("changed in place: "))
    assert not alike(ask, raising("changed in place"), raising("out of range"))


def test_of_an_error_the_name_and_the_place_do_not_count() -> None:
    call = wire.Call("answer", ())
    theirs, ours = (
        Exchange(call, (), wire.Failed("raised", words.RAISED, values, detail), ())
        for values, detail in (
            ({"name": "MyConv2D", "where": " (line 7)", "error": "KeyError: 'w'"}, "their lines"),
            ({"name": "Conv2D", "where": "", "error": "KeyError: 'w'"}, ""),
        )
    )

    assert same_answer(theirs, ours)


# --- Independent inputs -------------------------------------------------------------------------

RIGHT = {"answer": lambda x: 2 * x, "Layer": layer_that_starts_from(1.0), "train": lambda *given: 0}
WRONG = {
    "answer": lambda x: 3 * x,
    "Layer": layer_that_starts_from(5.0),
    "train": lambda layer, *given: nn.init.constant_(layer.weight, 9.0).sum().item(),
}


def linear_that_starts_from_zero(student: Student) -> Any:
    layer = student.torch_layer("Linear", 1, 1, bias=False)
    layer.write("weight", torch.zeros(1, 1))
    return layer


def test_a_right_answer_tells_nothing() -> None:
    assert telling_inputs(trace_of(ask, RIGHT), RIGHT, LAYERS) == set()


def test_each_input_counts_once_however_often_it_is_sent() -> None:
    def check(student: Student) -> None:
        for x in (ONES, ONES.clone(), 2 * ONES):
            student.call("answer", x)

    assert len(telling_inputs(trace_of(check, WRONG), RIGHT, LAYERS)) == 2


def test_what_a_training_returns_and_leaves_behind_are_answers_to_one_input() -> None:
    def check(student: Student) -> None:
        layer = linear_that_starts_from_zero(student)
        student.call("train", layer, 1)
        layer.read("weight")

    assert len(telling_inputs(trace_of(check, WRONG), RIGHT, LAYERS)) == 1


def test_two_objects_are_two_inputs_where_they_were_sent_different_things() -> None:
    def check(student: Student) -> None:
        layers = [linear_that_starts_from_zero(student) for _ in range(2)]
        for rate, layer in enumerate(layers):
            student.call("train", layer, rate)
        for layer in layers:
            layer.read("weight")

    assert len(telling_inputs(trace_of(check, WRONG), RIGHT, LAYERS)) == 2


def test_two_objects_are_one_input_where_they_were_sent_the_same() -> None:
    def check(student: Student) -> None:
        layers = [linear_that_starts_from_zero(student) for _ in range(2)]
        for layer in layers:
            student.call("train", layer, 1)
        for layer in layers:
            layer.read("weight")

    assert len(telling_inputs(trace_of(check, WRONG), RIGHT, LAYERS)) == 1


def test_the_same_reading_of_two_new_objects_is_one_input() -> None:
    def check(student: Student) -> None:
        for _ in range(2):
            student.make("Layer").read("weight")

    assert len(telling_inputs(trace_of(check, WRONG), RIGHT, LAYERS)) == 1
