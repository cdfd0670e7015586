"""A mistake drawn on an example: what its model answers beside what is right."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.misconceptions import Misconceptions, OnTensors, OnTheWayDown, read_misconceptions
from autograder.misconceptions.examples import drawn_on
from autograder.report import Descent, Drawing
from autograder.spec import find_course
from tests.autograder.conftest import ROOT

RIGHT = {"double": lambda x: 2 * x}
ONES, TWOS = OnTensors("double", (torch.ones(2),)), OnTensors("double", (torch.full((2,), 2.0),))


def drawing_of(function: object, *examples: OnTensors) -> Drawing | Descent | None:
    return drawn_on(examples, RIGHT, {"double": function})


def test_the_first_example_that_shows_the_mistake_is_drawn() -> None:
    drawing = drawing_of(lambda x: x + 1, ONES, TWOS)  # right for ones

    assert isinstance(drawing, Drawing)
    assert (drawing.expected.rows, drawing.got.rows) == (((4.0, 4.0),), ((3.0, 3.0),))
    assert drawing.inputs[0].rows == ((2.0, 2.0),)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 2 * x + 1e-6,
        lambda x: None,
        lambda x: torch.zeros(0),
        lambda x: x[9],
        lambda x: torch.zeros(1, 1, 1, 1, 1),
    ],
)
def test_what_cannot_be_seen_in_numbers_is_not_drawn(function: object) -> None:
    assert drawing_of(function, ONES) is None


def test_an_example_stays_as_it_is_whatever_a_model_does_to_it() -> None:
    drawing_of(lambda x: x.mul_(3), ONES)

    assert ONES.tensors[0].tolist() == [1.0, 1.0]


def test_a_model_that_draws_is_drawn_the_same_every_time() -> None:
    assert drawing_of(lambda x: torch.rand(2), ONES) == drawing_of(lambda x: torch.rand(2), ONES)


def walked(steps: Tensor) -> tuple[list[float], list[tuple[float, float]]]:
    return [4.0, 1.0], [(0.0, 0.0), (float(steps[0]), float(steps[1]))]


DOWN = OnTheWayDown(
    "double",
    lambda function: walked(function(torch.tensor([0.5, -0.5]))),
    lowest=(1.0, -1.0),
    curvature=((1.0, 0.0), (0.0, 1.0)),
)


def test_a_training_is_drawn_as_both_ways_down() -> None:
    drawn = drawn_on([DOWN], RIGHT, {"double": lambda x: 3 * x})

    assert isinstance(drawn, Descent)
    assert (drawn.right_path[-1], drawn.path[-1]) == ((1.0, -1.0), (1.5, -1.5))


def test_a_way_to_nowhere_is_kept_as_words() -> None:
    drawn = drawn_on([DOWN], RIGHT, {"double": lambda x: torch.tensor([torch.nan, torch.inf])})

    assert isinstance(drawn, Descent) and drawn.path[-1] == ("nan", "inf")


@pytest.mark.parametrize("function", [lambda x: 2 * x, lambda x: None])
def test_a_training_without_a_mistake_or_an_answer_is_not_drawn(function: object) -> None:
    assert drawn_on([DOWN], RIGHT, {"double": function}) is None


# --- those of the assignment ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def known() -> Misconceptions:
    course = find_course(ROOT)
    spec = course.assignment("convolutions")
    return read_misconceptions(course.hidden_checks("convolutions"), spec)


def test_every_example_is_the_first_to_show_some_mistake(known: Misconceptions) -> None:
    models = [model for one in known.known for model in one.models]

    for name in known.right:
        examples = [example for example in known.examples if example.name == name]
        firsts = (
            next((e for e in examples if e.drawn(known.right, {**known.right, **model})), None)
            for model in models
            if name in model
        )
        unused = {id(example) for example in examples}
        for first in firsts:
            unused.discard(id(first))
            if not unused:
                break
        assert unused == set(), f"an example of {name} shows nothing that another does not"


@pytest.mark.parametrize(
    "name",
    ["flipped-kernel", "one-place-short", "same-padding", "negated", "bias-not-added"],
)
def test_a_mistake_in_the_numbers_has_a_picture(known: Misconceptions, name: str) -> None:
    [one] = [one for one in known.known if one.name == name]

    for model in one.models:
        assert isinstance(drawn_on(known.examples, known.right, {**known.right, **model}), Drawing)


def test_a_gradient_never_cleared_goes_another_way_than_the_right_one(
    known: Misconceptions,
) -> None:
    [one] = [one for one in known.known if one.name == "gradient-accumulates"]

    drawn = drawn_on(known.examples, known.right, {**known.right, **one.models[0]})

    assert isinstance(drawn, Descent)
    assert len(drawn.right_path) == len(drawn.path) == 11
    assert drawn.right_path[:2] == drawn.path[:2]  # the first step has no other gradient yet
    # The right one ends within 0.1074 of its start's distance along (1, 1), DESIGN's bound.
    assert max(abs(a - b) for a, b in zip(drawn.right_path[-1], (1.0, -1.0), strict=True)) < 0.1
