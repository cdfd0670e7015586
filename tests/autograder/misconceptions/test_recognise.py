"""When a failed check is given a name, and when it is not: toy models, no sandbox."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from autograder.checks import Exchange, Student, StudentFailure, Trace
from autograder.misconceptions import ANYTHING, Misconception, Misconceptions, Recogniser
from autograder.misconceptions.recognise import Judged
from autograder.misconceptions.replay import ModelStudent
from autograder.sandbox.inside import wire

Function = Callable[..., Any]
RIGHT: Mapping[str, Function] = {"double": lambda x: 2 * x, "drawn": lambda: torch.rand(3)}


def doubled(*inputs: Tensor, function: str = "double") -> Callable[[Student], None]:
    """A check that asks for the double of each input, and fails at the first wrong one."""

    def check(student: Student) -> None:
        for x in inputs:
            assert torch.allclose(student.call(function, x).tensor(), 2 * x)

    return check


CHECKS = {
    "test_one": doubled(torch.tensor([1.0, -2.0])),
    "test_two": doubled(torch.tensor([3.0, 0.5])),
    "test_zero": doubled(torch.zeros(2)),  # which many a mistake passes
}


def trace_of(
    check: Callable[[Student], None], model: Mapping[str, Any], seed: int
) -> tuple[bool, Trace]:
    """Whether ``check`` fails on the student whose definitions are ``model``, and what was said."""
    trace = Trace(seed)
    try:
        check(Student(ModelStudent(model, (), seed), trace))
    except (AssertionError, StudentFailure):
        return True, trace
    return False, trace


def judged_as(
    definitions: Mapping[str, Any], checks: Mapping[str, Callable[[Student], None]] = CHECKS
) -> dict[str, Judged]:
    found = {}
    for seed, (name, check) in enumerate(checks.items()):
        failed, trace = trace_of(check, {**RIGHT, **definitions}, seed)
        found[name] = Judged("sums", failed, trace)
    return found


def misconception(name: str, *models: Mapping[str, Any], **options: Any) -> Misconception:
    texts = {"to_student": "s", "to_instructor": "i", "read_on": "r"}
    return Misconception(name=name, exercises=("sums",), models=models, **texts, **options)


def recogniser(
    *known: Misconception, checks: Mapping[str, Callable[[Student], None]] = CHECKS
) -> Recogniser:
    def fails(model: Mapping[str, Any], check: str) -> bool:
        return trace_of(checks[check], model, 7)[0]

    return Recogniser(Misconceptions(RIGHT, known), (), fails)


def names(recogniser: Recogniser, judged: Mapping[str, Judged]) -> dict[str, str]:
    return {check: one.misconception.name for check, one in recogniser.name(judged).items()}


TREBLED = misconception("trebled", {"double": lambda x: 3 * x})
NEGATED = misconception("negated", {"double": lambda x: -2 * x})


def test_a_mistake_is_named_where_its_model_gives_the_same_answers() -> None:
    found = names(recogniser(TREBLED, NEGATED), judged_as({"double": lambda x: x + x + x}))

    assert found == {"test_one": "trebled", "test_two": "trebled"}


def test_another_mistake_is_given_no_name() -> None:
    assert names(recogniser(TREBLED, NEGATED), judged_as({"double": lambda x: 5 * x})) == {}


def test_a_right_answer_is_given_no_name() -> None:
    assert names(recogniser(TREBLED), judged_as({})) == {}


def test_a_model_that_fails_a_visible_check_which_was_passed_is_not_run_for_the_next_student() -> (
    None
):
    asked: list[Tensor] = []

    def trebled(x: Tensor) -> Tensor:
        asked.append(x)
        return 3 * x

    one = recogniser(misconception("trebled", {"double": trebled}))
    judged = judged_as({"double": lambda x: 2 * x if x[0] == 1 else 5 * x})
    judged["test_one"] = msgspec.structs.replace(judged["test_one"], is_visible=True)
    assert names(one, judged) == {}
    assert asked
    asked.clear()

    assert names(one, judged) == {}
    assert not asked


def test_one_input_is_not_enough() -> None:
    checks = {"test_one": CHECKS["test_one"], "test_again": CHECKS["test_one"]}

    found = names(
        recogniser(TREBLED, checks=checks), judged_as({"double": lambda x: 3 * x}, checks)
    )

    assert found == {}


def test_two_inputs_of_one_check_are_not_enough_where_it_stops_at_the_first() -> None:
    checks = {"test_both": doubled(torch.ones(2), torch.full((2,), 4.0))}

    found = names(
        recogniser(TREBLED, checks=checks), judged_as({"double": lambda x: 3 * x}, checks)
    )

    assert found == {}


def test_a_mistake_that_two_misconceptions_make_is_given_neither_name() -> None:
    same = misconception("three times", {"double": lambda x: x + 2 * x})

    assert names(recogniser(TREBLED, same), judged_as({"double": lambda x: 3 * x})) == {}


def test_any_one_of_a_misconceptions_models_will_do() -> None:
    either = misconception("scaled", {"double": lambda x: 3 * x}, {"double": lambda x: 4 * x})

    found = names(recogniser(either), judged_as({"double": lambda x: 4 * x}))

    assert set(found.values()) == {"scaled"}


def test_a_model_that_fails_what_the_student_passed_is_not_the_students_mistake() -> None:
    shifted = misconception("shifted", {"double": lambda x: 2 * x + 1})

    # The student adds 1 as well, but not to zeros.
    definitions = {"double": lambda x: 2 * x + (1 if x.any() else 0)}

    assert names(recogniser(shifted), judged_as(definitions)) == {}


def test_a_model_that_explains_only_half_of_what_failed_is_not_taken() -> None:
    checks = {f"test_{n}": doubled(torch.full((2,), float(n))) for n in (1, 2, 3, 4)}
    definitions = {"double": lambda x: 3 * x if x[0] < 2.5 else 9 * x}

    assert names(recogniser(TREBLED, checks=checks), judged_as(definitions, checks)) == {}


def test_values_that_are_right_are_told_from_those_that_are_close() -> None:
    near = misconception("near", {"double": lambda x: 2.01 * x})

    assert names(recogniser(near), judged_as({"double": lambda x: 2.011 * x})) == {}


def test_an_error_is_recognised_by_its_text_and_not_by_its_place() -> None:
    def indexed(x: Tensor) -> Tensor:
        return x[5]

    def indexed_elsewhere(x: Tensor) -> Tensor:
        place = 5
        return x[place]

    found = names(
        recogniser(misconception("indexed", {"double": indexed})),
        judged_as({"double": indexed_elsewhere}),
    )

    assert set(found.values()) == {"indexed"}


def test_a_model_may_leave_an_answer_open() -> None:
    checks = {name: CHECKS[name] for name in ("test_one", "test_two")}
    anything = misconception("anything", {"double": lambda x: ANYTHING})

    found = names(
        recogniser(anything, checks=checks), judged_as({"double": lambda x: x.sum() + x}, checks)
    )

    assert set(found.values()) == {"anything"}


def test_what_is_drawn_is_drawn_from_the_same_seed() -> None:
    def small(student: Student) -> None:
        assert student.call("drawn").tensor().max() < 0

    checks = {"test_a": small, "test_b": small}
    negative = misconception("negative", {"drawn": lambda: torch.rand(3) + 1})

    found = names(
        recogniser(negative, checks=checks), judged_as({"drawn": lambda: 1 + torch.rand(3)}, checks)
    )

    assert found == {}  # the check sends nothing: that is one input, however often


def test_a_pattern_names_exactly_the_checks_that_it_lists() -> None:
    pattern = misconception("both", failed=(frozenset({"test_one", "test_two"}),))

    found = names(recogniser(pattern), judged_as({"double": lambda x: 5 * x}))

    assert found == {"test_one": "both", "test_two": "both"}


def test_a_pattern_does_not_name_where_another_check_failed_too() -> None:
    pattern = misconception("both", failed=(frozenset({"test_one", "test_two"}),))

    assert names(recogniser(pattern), judged_as({"double": lambda x: x + 1})) == {}


def test_a_pattern_may_stand_beside_models() -> None:
    either = misconception(
        "either", {"double": lambda x: 3 * x}, failed=(frozenset({"test_one", "test_two"}),)
    )

    by_pattern = names(recogniser(either), judged_as({"double": lambda x: 5 * x}))
    by_model = names(recogniser(either), judged_as({"double": lambda x: 3 * x}))

    assert set(by_pattern.values()) == set(by_model.values()) == {"either"}


def test_what_is_right_is_never_named_by_the_numbers_that_were_drawn() -> None:
    def shape_and_double(shape: tuple[int, ...]) -> Callable[[Student], None]:
        def check(student: Student) -> None:
            assert student.call("drawn").tensor().shape == shape
            doubled(torch.ones(*shape))(student)

        return check

    checks = {f"test_{n}": shape_and_double((n,)) for n in (3, 4)}
    # The second fails, on a draw of its own that is right as far as it was asked about.
    definitions = {"drawn": lambda: torch.rand(7)[4:]}
    drawn_otherwise = misconception("drawn", {"drawn": lambda: torch.randn(3)})
    right_but_one = misconception("short", {"drawn": lambda: torch.rand(3)})

    for known in (drawn_otherwise, right_but_one):
        found = names(recogniser(known, checks=checks), judged_as(definitions, checks))
        assert found == {}


def test_no_tensor_of_a_submission_is_kept() -> None:
    one, x = recogniser(TREBLED), torch.tensor([1.0, -2.0])
    checks = {"test_x": doubled(x), "test_two": CHECKS["test_two"]}
    judged = judged_as({"double": lambda x: 3 * x}, checks)
    assert judged["test_x"].trace is not None
    sent = weakref.ref(judged["test_x"].trace.exchanges[0].back[0])

    one.name(judged)
    del judged

    assert sent() is None


def test_nothing_of_one_submission_is_left_for_the_next() -> None:
    one = recogniser(TREBLED, NEGATED)
    names(one, judged_as({"double": lambda x: 3 * x}))

    assert set(names(one, judged_as({"double": lambda x: -2 * x})).values()) == {"negated"}
    assert names(one, judged_as({})) == {}


HUGE = 2**62
TENSOR = (torch.tensor([1.0, -2.0]),)
CALL = wire.Call("double", (wire.TensorArgument(0, "contiguous", False),))


def returned(tensor: int | None, *arguments: int, kind: Any = "tensor") -> wire.Returned:
    return wire.Returned(kind, "Tensor", tensor, None, "float32", False, arguments)


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(CALL, TENSOR, returned(HUGE, 0), TENSOR),
        Exchange(CALL, TENSOR, returned(-1, -5), TENSOR),
        Exchange(CALL, TENSOR, returned(None), ()),
        Exchange(CALL, TENSOR, returned(0, 0, 0, 0), TENSOR),
        Exchange(CALL, TENSOR, None, ()),
        Exchange(CALL, TENSOR, wire.Made(HUGE), ()),
        Exchange(CALL, TENSOR, wire.GradientValues(0, (0, None), {"x": HUGE}), TENSOR),
        Exchange(CALL, TENSOR, wire.ParameterValue(HUGE, True, True), TENSOR),
        Exchange(
            wire.ReadParameter(HUGE, "weight"), (), wire.ParameterValue(0, True, True), TENSOR
        ),
        Exchange(wire.Call(HUGE, ()), (), returned(0), TENSOR),
        Exchange(CALL, TENSOR, returned(0, 0), (torch.tensor([float("nan"), float("inf")]),)),
        Exchange(CALL, TENSOR, returned(0, 0), (torch.zeros(0),)),
        Exchange(CALL, TENSOR, returned(0, 0), (torch.tensor([True, False]),)),
        Exchange(CALL, TENSOR, returned(0, 0), (torch.ones(2, 1, 1, 1, 2),)),
        Exchange(CALL, TENSOR, returned(0, kind="text"), TENSOR),
    ],
    ids=range(15),
)
def test_whatever_came_back_it_is_compared_and_never_breaks_the_grading(exchange: Exchange) -> None:
    trace = Trace(0)
    trace.add(exchange)
    judged = {name: Judged("sums", True, trace) for name in CHECKS}

    assert names(recogniser(TREBLED, NEGATED), judged) == {}


def test_a_check_that_sent_more_than_is_kept_is_never_named() -> None:
    large = torch.ones(2**20)
    checks = {"test_a": doubled(large), "test_b": doubled(2 * large)}

    found = names(
        recogniser(TREBLED, checks=checks), judged_as({"double": lambda x: 3 * x}, checks)
    )

    assert found == {}
