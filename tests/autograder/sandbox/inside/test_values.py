"""Every answer becomes plain data or is refused with a reason; arguments keep their values."""

from __future__ import annotations

import collections
import datetime
import fractions
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autograder.sandbox.inside import values, wire


class Hostile(Tensor):
    """Whatever torch or we ask of it raises."""

    @classmethod
    def __torch_function__(cls, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no")

    def detach(self) -> Any:
        return "not a tensor"

    @property
    def shape(self) -> Any:
        raise RuntimeError("no shape")


def hostile() -> Tensor:
    return torch.tensor([1.0, 2.0]).as_subclass(Hostile)


def returned(value: Any) -> tuple[wire.Returned, list[Tensor]]:
    tensors: list[Tensor] = []
    return values.returned(value, tensors), tensors


# ---- tensors ------------------------------------------------------------------------------------

PLAIN: dict[str, Callable[[], Tensor]] = {
    "float32": lambda: torch.tensor([1.0, 2.0]),
    "float64": lambda: torch.tensor([1.0, 2.0], dtype=torch.float64),
    "float16": lambda: torch.tensor([1.0, 2.0], dtype=torch.float16),
    "bfloat16": lambda: torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
    "int64": lambda: torch.tensor([1, 2]),
    "uint8": lambda: torch.tensor([1, 2], dtype=torch.uint8),
    "a Parameter": lambda: nn.Parameter(torch.tensor([1.0, 2.0])),
    "with a graph": lambda: torch.tensor([0.0, 1.0], requires_grad=True) + 1,
    "a view": lambda: torch.tensor([1.0, 0.0, 2.0])[::2],
    "negated lazily": lambda: torch._neg_view(torch.tensor([-1.0, -2.0])),
    "the imaginary part of a conjugate": lambda: torch.tensor([0 - 1j, 0 - 2j]).conj().imag,
    "a hostile subclass": hostile,
    "made in inference mode": torch.inference_mode()(lambda: torch.tensor([1.0, 2.0])),
}


@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN.keys())
def test_a_tensor_of_any_dress_is_its_values(make: Callable[[], Tensor]):
    answer, tensors = returned(make())

    assert answer.kind == "tensor"
    assert type(tensors[0]) is Tensor
    assert not tensors[0].requires_grad
    assert not tensors[0].is_neg()
    (received,) = wire.decode_tensors(wire.encode_tensors(tensors))
    assert received.tolist() == [1.0, 2.0]


def test_an_expanded_tensor_is_its_values():
    _answer, tensors = returned(torch.ones(1, 1).expand(2, 3))

    (received,) = wire.decode_tensors(wire.encode_tensors(tensors))
    assert torch.equal(received, torch.ones(2, 3))


def test_nan_is_left_for_the_grader_to_judge():
    _answer, tensors = returned(torch.tensor([torch.nan]))

    assert tensors[0].isnan().all()


def test_an_empty_tensor_is_a_tensor():
    answer, tensors = returned(torch.zeros(0, 3))

    assert answer.kind == "tensor"
    assert tensors[0].shape == (0, 3)


def nested(layout: torch.layout) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=layout)


def quantised() -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)


REFUSED: dict[str, tuple[Callable[[], Tensor], str]] = {
    "sparse": (lambda: torch.eye(2).to_sparse(), "dense"),
    "sparse rows": (lambda: torch.eye(2).to_sparse_csr(), "dense"),
    "opaque": (lambda: torch.eye(2).to_mkldnn(), "dense"),
    "nested": (lambda: nested(torch.strided), "dense"),
    "nested, jagged": (lambda: nested(torch.jagged), "dense"),
    "meta": (lambda: torch.ones(2, device="meta"), "CPU"),
    "quantised": (quantised, "real numbers"),
    "complex": (lambda: torch.ones(2, dtype=torch.complex64), "real numbers"),
    "float8": (lambda: torch.ones(2).to(torch.float8_e4m3fn), "real numbers"),
    "uint32": (lambda: torch.ones(2, dtype=torch.uint32), "real numbers"),
    "expanded to 100 GB": (lambda: torch.ones(1).expand(25 * 10**9), "too large"),
    "of nine dimensions": (lambda: torch.ones([1] * 9), "too large"),
}


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_tensor_that_is_no_plain_data_is_refused_with_the_reason(
    make: Callable[[], Tensor], reason: str
):
    tensor = make()

    with pytest.raises(values.RefusedError, match=reason):
        values.plain(tensor)


@pytest.mark.parametrize("holds", [True, False])
def test_it_is_told_whether_the_answer_holds_a_graph(holds: bool):
    weight = torch.ones(2, requires_grad=True)

    answer, _tensors = returned(weight * 2 if holds else weight)

    assert answer.holds_graph is holds


def test_the_dtype_is_told_by_its_short_name():
    answer, _tensors = returned(torch.ones(1, dtype=torch.float64))

    assert answer.dtype == "float64"


# ---- containers of numbers ----------------------------------------------------------------------


class Losses:
    """A container of the student's own that can only be iterated."""

    def __iter__(self) -> Any:
        return iter([3.0, 2.0])


def object_array() -> np.ndarray:
    array = np.empty(2, dtype=object)
    array[:] = [3.0, 2.0]
    return array


VECTORS: dict[str, Callable[[], Any]] = {
    "a list": lambda: [3.0, 2.0],
    "a tuple": lambda: (3.0, 2.0),
    "a generator": lambda: (loss for loss in (3.0, 2.0)),
    "an iterator": lambda: iter([3.0, 2.0]),
    "a dict by epoch": lambda: {0: 3.0, 1: 2.0},
    "a deque": lambda: collections.deque([3.0, 2.0]),
    "an array": lambda: np.array([3.0, 2.0]),
    "an array of float16": lambda: np.array([3.0, 2.0], dtype=np.float16),
    "a column": lambda: np.array([[3.0], [2.0]]),
    "a class of one's own": Losses,
    "a range": lambda: range(3, 1, -1),
    "whole numbers": lambda: [3, 2],
    "fractions": lambda: [fractions.Fraction(3), fractions.Fraction(2)],
    "numpy's numbers": lambda: [np.float32(3), np.int64(2)],
    "arrays of one number": lambda: [np.array(3.0), np.array([2.0])],
    "tensors without dimension": lambda: [torch.tensor(3.0), torch.tensor(2.0)],
    "tensors of one number": lambda: [torch.tensor([3.0]), torch.tensor([[2.0]])],
    "tensors with a graph": lambda: [torch.tensor(n, requires_grad=True) * 1 for n in (3.0, 2.0)],
    "Parameters": lambda: [nn.Parameter(torch.tensor(n)) for n in (3.0, 2.0)],
    "this and that": lambda: [torch.tensor(3, dtype=torch.bfloat16), 2],
}


@pytest.mark.parametrize("make", VECTORS.values(), ids=VECTORS.keys())
def test_numbers_in_any_container_are_one_vector(make: Callable[[], Any]):
    answer, tensors = returned(make())

    assert answer.kind == "vector"
    assert tensors[0].dtype == torch.float64
    assert tensors[0].tolist() == [3.0, 2.0]


def test_a_vector_tells_whether_one_of_its_tensors_holds_a_graph():
    weight = torch.tensor(1.0, requires_grad=True)

    assert returned([1.0, weight * 2])[0].holds_graph
    assert not returned([1.0, weight])[0].holds_graph


def test_an_empty_list_is_an_empty_vector():
    answer, tensors = returned([])

    assert answer.kind == "vector"
    assert tensors[0].shape == (0,)


def test_a_number_too_large_for_a_float_is_infinite():
    assert returned([10**400, -(10**400)])[1][0].tolist() == [float("inf"), -float("inf")]


def test_an_endless_generator_is_read_to_a_limit():
    def endless() -> Any:
        while True:
            yield 1.0

    _answer, tensors = returned(endless())

    assert tensors[0].shape == (values.MAX_ITEMS,)


OTHER: dict[str, Callable[[], Any]] = {
    "lists in a list": lambda: [[3.0], [2.0]],
    "texts": lambda: ["3.0", "2.0"],
    "losses and a layer": lambda: ([3.0, 2.0], nn.Linear(1, 1)),
    "tensors of two numbers": lambda: [torch.ones(2), torch.ones(2)],
    "None among numbers": lambda: [3.0, None],
    "complex numbers": lambda: [3j],
    "an array of objects": object_array,
    "an array of texts": lambda: np.array(["3.0"]),
    "an array without dimension": lambda: np.array(3.0),
    "a module of parameters": lambda: nn.ParameterList([nn.Parameter(torch.ones(()))]),
    "an object": lambda: datetime.date(2026, 1, 1),
    "a class": lambda: Losses,
    "a function": lambda: returned,
}


@pytest.mark.parametrize("make", OTHER.values(), ids=OTHER.keys())
def test_anything_else_is_named_and_not_read(make: Callable[[], Any]):
    answer, tensors = returned(make())

    assert answer.kind == "other"
    assert answer.type_name
    assert tensors == []


# ---- single values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [2, 2.0, True, np.float32(2), np.int64(2)], ids=lambda n: type(n).__name__
)
def test_a_number_is_a_number(number: Any):
    answer, tensors = returned(number)

    assert answer.kind == "number"
    assert answer.scalar == float(number)
    assert tensors == []


def test_none_is_none():
    assert returned(None)[0].kind == "none"


def test_a_text_is_cut_and_can_be_sent():
    answer, _tensors = returned("\ud800" * 1000)

    assert answer.kind == "text"
    assert len(str(answer.scalar).encode()) <= 256


@pytest.mark.parametrize(
    ("value", "name"), [([], "list"), (torch.ones(1), "Tensor"), (None, "None"), (Losses, "type")]
)
def test_usual_types_are_called_what_people_call_them(value: Any, name: str):
    assert returned(value)[0].type_name == name


def test_the_name_of_a_type_is_cut_and_can_be_sent():
    odd = type("x" * 1000, (), {"__module__": "\ud800" * 1000})

    assert len(returned(odd())[0].type_name.encode()) < wire.MAX_TEXT


# ---- arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "sliced"])
@pytest.mark.parametrize("shape", [(2, 3), (1, 1), (3, 1), (1, 3)])
def test_a_layout_keeps_the_values(layout: str, shape: tuple[int, int]):
    tensor = torch.arange(6.0)[: shape[0] * shape[1]].reshape(shape)

    assert torch.equal(values.with_layout(tensor, layout), tensor)


@pytest.mark.parametrize("layout", ["transposed", "sliced"])
def test_a_layout_is_not_contiguous(layout: str):
    assert not values.with_layout(torch.ones(2, 3), layout).is_contiguous()


def test_a_sliced_layout_takes_four_dimensions():
    tensor = torch.arange(6.0).reshape(1, 1, 2, 3)

    assert torch.equal(values.with_layout(tensor, "sliced"), tensor)


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "sliced"])
def test_an_argument_that_requires_a_gradient_is_a_leaf(layout: str):
    argument = wire.TensorArgument(0, layout, True)

    tensor = values.argument(argument, [torch.ones(2, 3)], {})

    assert tensor.is_leaf
    assert tensor.requires_grad


@pytest.mark.parametrize(
    ("container", "kind"), [("tuple", tuple), ("list", list), ("size", torch.Size)]
)
def test_a_sequence_comes_in_its_container(container: str, kind: type):
    sequence = values.argument(wire.SequenceArgument(container, (2, 3)), [], {})

    assert type(sequence) is kind
    assert tuple(sequence) == (2, 3)


def test_a_handle_is_the_very_object():
    layer = nn.Linear(1, 1)

    assert values.argument(wire.HandleArgument(4), [], {4: layer}) is layer


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "same"])
def test_a_scalar_is_itself(value: Any):
    assert values.argument(wire.ScalarArgument(value), [], {}) is value
