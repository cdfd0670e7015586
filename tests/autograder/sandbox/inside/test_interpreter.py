"""The seven operations on small modules, as the child and a student's own practice do them."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autograder.sandbox.inside import standins, wire, words
from autograder.sandbox.inside.interpreter import Interpreter

MODULE = "module_of_a_student"
LAYER = """
import torch
from torch import nn

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        self.plain = torch.zeros(1)

    def forward(self, x):
        return x * self.weight.sum() + self.bias
"""


# ---- arrange ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def leave_no_trace() -> Iterator[None]:
    """What an interpreter changes of the process is as it was before."""
    finders, states = list(sys.meta_path), (random.getstate(), np.random.get_state())
    with torch.random.fork_rng():
        yield
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    sys.meta_path[:] = finders
    sys.modules.pop(MODULE, None)


class Child:
    """An interpreter that has loaded a student's module."""

    def __init__(self, source: str, bound: bool = False, module: str = MODULE) -> None:
        self.interpreter = Interpreter(("Conv2d", "LazyConv2d"), (), catch=(Exception, SystemExit))
        if bound:
            self.ask(wire.Bind("corr2d", "conv2d"))
        cells = (wire.Cell(source, "a.py", 1),)
        loaded, _back = self.ask(wire.Load(cells, (), module))
        assert isinstance(loaded, wire.Loaded)
        self.failed = loaded.failed

    def ask(
        self, operation: wire.Operation, *tensors: Tensor, seed: int | None = None
    ) -> tuple[Any, list[Tensor]]:
        request = wire.Request(1, seed, operation)
        return self.interpreter.answer(request, list(tensors), lambda *where: None)

    def call(self, target: str | int, *tensors: Tensor) -> tuple[Any, list[Tensor]]:
        return self.ask(wire.Call(target, arguments(tensors)), *tensors)

    def make(self, class_name: str = "Conv2D", shape: tuple[int, ...] = (1, 2)) -> int:
        made, _back = self.ask(wire.Make(class_name, False, (pair(shape),), {}))
        assert isinstance(made, wire.Made), made
        return made.handle

    def torch_conv(self, class_name: str = "Conv2d", *sizes: int) -> int:
        args = tuple(wire.ScalarArgument(size) for size in sizes)
        options = {"kernel_size": pair((1, 2)), "bias": wire.ScalarArgument(False)}
        made, _back = self.ask(wire.Make(class_name, True, args, options))
        return made.handle

    def gradients(
        self, target: str | int, *tensors: Tensor, upstream: Tensor | None = None
    ) -> tuple[Any, list[Tensor]]:
        sent = [*tensors, *([] if upstream is None else [upstream])]
        index = None if upstream is None else len(tensors)
        return self.ask(wire.Gradients(target, arguments(tensors), index), *sent)


def pair(shape: tuple[int, ...]) -> wire.SequenceArgument:
    return wire.SequenceArgument("tuple", shape)


def arguments(tensors: tuple[Tensor, ...]) -> tuple[wire.Argument, ...]:
    return tuple(
        wire.TensorArgument(i, "contiguous", tensor.requires_grad)
        for i, tensor in enumerate(tensors)
    )


def leaf(*values: float) -> Tensor:
    return torch.tensor(values, requires_grad=True)


def assert_failed(result: Any, kind: str, sentence: str) -> None:
    assert isinstance(result, wire.Failed), result
    assert (result.kind, result.sentence) == (kind, sentence)


# ---- load ---------------------------------------------------------------------------------------


def test_loading_tells_what_did_not_run():
    child = Child("a = 1\nb = 1 / 0\n")

    assert [status.line for status in child.failed] == [2]
    assert child.interpreter.namespace["a"] == 1


def test_a_module_can_be_imported_under_its_name_while_it_loads():
    child = Child(
        f"import dataclasses, sys\nhere = sys.modules['{MODULE}']\n"
        "@dataclasses.dataclass\nclass A:\n    x: 'int' = 3\n"
    )

    assert child.failed == ()
    assert child.interpreter.namespace["here"].__dict__ is child.interpreter.namespace


def test_display_and_magic_calls_do_nothing():
    child = Child("display(1, 2, raw=True)\nget_ipython().run_line_magic('matplotlib', 'inline')\n")

    assert child.failed == ()


def test_at_most_256_failures_are_told():
    child = Child("1 / 0\n" * 300)

    assert len(child.failed) == 256


def test_a_live_namespace_is_worked_in_without_loading():
    interpreter = Interpreter((), (), namespace={"f": lambda: 3})

    result, _back = interpreter.answer(
        wire.Request(1, None, wire.Call("f", ())), [], lambda *where: None
    )

    assert result.scalar == 3.0


# ---- call ---------------------------------------------------------------------------------------


def test_a_call_gives_back_the_answer_and_the_arguments_as_they_are_after_it():
    child = Child("def f(X):\n    X += 1\n    return X * 10\n")

    result, back = child.call("f", torch.tensor([1.0]))

    assert result.kind == "tensor"
    assert back[result.tensor].tolist() == [20.0]
    assert [back[i].tolist() for i in result.arguments] == [[2.0]]


def test_a_call_that_raises_tells_the_line_and_the_text():
    child = Child("def f(X):\n    return X.no_such_thing\n")

    result, back = child.call("f", torch.zeros(1))

    assert_failed(result, "raised", words.RAISED)
    assert "AttributeError" in result.values["error"]
    assert result.values["where"] == " (line 2)"
    assert "a.py" in result.detail
    assert back == []


def test_a_generator_that_raises_while_it_is_read_has_raised():
    child = Child("def f():\n    yield 1.0\n    raise ValueError('late')\n")

    result, _back = child.call("f")

    assert_failed(result, "raised", words.RAISED)
    assert "late" in result.values["error"]


def test_a_stub_is_still_to_be_written():
    child = Child("def f():\n    raise NotImplementedError()\n")

    result, _back = child.call("f")

    assert_failed(result, "not-begun", words.NOT_WRITTEN)


def test_what_torch_says_is_not_implemented_is_no_stub():
    child = Child("import torch\ndef f():\n    return torch.nn.Module()(3)\n")

    result, _back = child.call("f")

    assert_failed(result, "raised", words.RAISED)
    assert "forward" in result.values["error"]


@pytest.mark.parametrize(
    ("source", "sentence"), [("", words.NOT_DEFINED), ("f = 3", words.NOT_CALLABLE)]
)
def test_what_is_not_there_or_no_function_is_missing(source: str, sentence: str):
    result, _back = Child(source).call("f")

    assert_failed(result, "missing", sentence)


def test_an_answer_that_is_no_plain_data_is_refused():
    child = Child("import torch\ndef f():\n    return torch.eye(2).to_sparse()\n")

    result, back = child.call("f")

    assert_failed(result, "refused", words.REFUSED_LAYOUT)
    assert back == []


# ---- make, read, write --------------------------------------------------------------------------


def test_an_object_of_the_students_class_is_made_and_called_by_its_handle():
    child = Child(LAYER)
    handle = child.make()

    result, back = child.call(handle, torch.zeros(2))

    assert back[result.tensor].tolist() == [0.0, 0.0]


def test_a_torch_layer_is_made_with_its_options():
    child = Child("")

    handle = child.torch_conv("Conv2d", 1, 1)

    _result, back = child.ask(wire.ReadParameter(handle, "weight"))
    assert back[0].shape == (1, 1, 1, 2)
    assert_failed(
        child.ask(wire.ReadParameter(handle, "bias"))[0], "missing", words.PLAIN_ATTRIBUTE
    )


def test_a_torch_layer_that_the_assignment_does_not_allow_is_our_mistake():
    with pytest.raises(ValueError, match="not allowed"):
        Child("").ask(wire.Make("Linear", True, (), {}))


def test_a_constructor_that_raises_is_the_students_failure():
    child = Child(LAYER.replace("super().__init__()", "raise TypeError('no')"))

    result, _back = child.ask(wire.Make("Conv2D", False, (pair((1, 2)),), {}))

    assert_failed(result, "raised", words.RAISED)


def test_a_parameter_is_written_in_place_and_read_back():
    child = Child(LAYER)
    handle = child.make()

    child.ask(wire.WriteParameter(handle, "weight", 0), torch.tensor([[1.0, -1.0]]))

    result, back = child.ask(wire.ReadParameter(handle, "weight"))
    assert back[result.tensor].tolist() == [[1.0, -1.0]]
    assert result.requires_grad


def test_a_single_bias_is_written_whatever_its_shape():
    child = Child(LAYER.replace("torch.zeros(1))", "torch.tensor(0.0))"))
    handle = child.make()

    child.ask(wire.WriteParameter(handle, "bias", 0), torch.tensor([2.5]))

    _result, back = child.ask(wire.ReadParameter(handle, "bias"))
    assert back[0].shape == ()
    assert float(back[0]) == 2.5


def test_a_parameter_of_another_shape_is_not_written():
    child = Child(LAYER)
    handle = child.make(shape=(2, 1))

    result, _back = child.ask(wire.WriteParameter(handle, "weight", 0), torch.ones(1, 2))

    assert_failed(result, "wrong-type", words.PARAMETER_SHAPE)
    assert result.values == {"parameter": "weight", "got": "(2, 1)", "expected": "(1, 2)"}


def test_a_plain_tensor_is_told_apart_from_a_parameter():
    child = Child(LAYER)
    handle = child.make()

    result, _back = child.ask(wire.ReadParameter(handle, "plain"))

    assert_failed(result, "missing", words.PLAIN_ATTRIBUTE)
    assert result.values["got"] == "Tensor"


def test_a_parameter_that_is_not_there_is_missing():
    child = Child(LAYER)

    result, _back = child.ask(wire.ReadParameter(child.make(), "kernel"))

    assert_failed(result, "missing", words.NO_PARAMETER)


def test_an_attribute_that_raises_is_the_students_failure():
    child = Child(LAYER + "    @property\n    def kernel(self):\n        raise ValueError('no')\n")

    result, _back = child.ask(wire.ReadParameter(child.make(), "kernel"))

    assert_failed(result, "raised", words.RAISED)


def test_what_is_no_module_has_no_parameters():
    child = Child("class Conv2D:\n    def __init__(self, size): self.weight = size\n")

    result, _back = child.ask(wire.ReadParameter(child.make(), "weight"))

    assert_failed(result, "wrong-type", words.NO_MODULE)


def test_a_lazy_parameter_without_values_is_not_written():
    child = Child("")
    handle = child.torch_conv("LazyConv2d", 1)

    result, _back = child.ask(wire.WriteParameter(handle, "weight", 0), torch.ones(1, 1, 1, 2))

    assert isinstance(result, wire.Failed)


# ---- the same object ----------------------------------------------------------------------------

TRAINING = {
    "in place": ("conv.weight.data -= 1", True),
    "without a gradient": ("with torch.no_grad(): conv.weight -= 1", True),
    "new data": ("conv.weight.data = conv.weight.data - 1", True),
    "a new parameter": ("conv.weight = torch.nn.Parameter(conv.weight - 1)", False),
}


@pytest.mark.parametrize(("step", "same"), TRAINING.values(), ids=TRAINING.keys())
def test_a_parameter_that_is_replaced_is_told_apart_from_one_that_is_updated(step: str, same: bool):
    child = Child(f"import torch\ndef train(conv):\n    {step}\n")
    handle = child.torch_conv("Conv2d", 1, 1)

    child.ask(wire.Call("train", (wire.HandleArgument(handle),)))

    result, _back = child.ask(wire.ReadParameter(handle, "weight"))
    assert result.same_object is same


def test_a_lazy_layer_keeps_its_parameter_when_it_is_first_called():
    child = Child("")
    handle = child.torch_conv("LazyConv2d", 1)

    child.call(handle, torch.zeros(1, 1, 6, 8))

    result, back = child.ask(wire.ReadParameter(handle, "weight"))
    assert result.same_object
    assert back[0].shape == (1, 1, 1, 2)


# ---- gradients ----------------------------------------------------------------------------------


def test_gradients_reach_arguments_and_parameters():
    child = Child(LAYER)
    handle = child.make(shape=(1, 1))
    child.ask(wire.WriteParameter(handle, "weight", 0), torch.tensor([[3.0]]))

    result, back = child.gradients(handle, leaf(1.0, 2.0))

    assert back[result.value].tolist() == [3.0, 6.0]
    assert [back[i].tolist() for i in result.arguments] == [[3.0, 3.0]]
    assert back[result.parameters["weight"]].tolist() == [[3.0]]
    assert back[result.parameters["bias"]].tolist() == [2.0]


def test_upstream_weighs_the_result():
    child = Child("def f(X): return X * 2\n")

    result, back = child.gradients("f", leaf(1.0, 1.0), upstream=torch.tensor([1.0, 10.0]))

    assert back[result.arguments[0]].tolist() == [2.0, 20.0]


def test_an_argument_that_requires_no_gradient_has_none():
    child = Child("def f(X, K): return X * K\n")

    result, back = child.gradients("f", torch.tensor([2.0]), leaf(3.0))

    assert [back[i].tolist() for i in result.arguments] == [[2.0]]


def test_an_argument_without_a_path_has_no_gradient():
    child = Child("def f(X, K): return X.detach() * K\n")

    result, _back = child.gradients("f", leaf(2.0), leaf(3.0))

    assert result.arguments[0] is None
    assert result.arguments[1] is not None


@pytest.mark.parametrize("switch", ["X.requires_grad_(False)", "X.detach_()"])
def test_an_argument_whose_gradient_the_code_switches_off_has_none(switch: str):
    child = Child(f"def f(X, K):\n    {switch}\n    return X * K\n")

    result, back = child.gradients("f", leaf(2.0), leaf(3.0))

    assert result.arguments[0] is None
    assert back[result.arguments[1]].tolist() == [2.0]


def test_a_frozen_parameter_is_named_and_has_no_gradient():
    child = Child(LAYER.replace("torch.zeros(1))", "torch.zeros(1), requires_grad=False)", 1))

    result, _back = child.gradients(child.make(), leaf(1.0))

    assert result.parameters["bias"] is None
    assert result.parameters["weight"] is not None


@pytest.mark.parametrize("body", ["X.detach()", "torch.tensor(X.tolist())", "X.data * 2"])
def test_a_detached_result_has_no_gradient(body: str):
    child = Child(f"import torch\ndef f(X): return {body}\n")

    result, _back = child.gradients("f", leaf(1.0))

    assert_failed(result, "no-gradient", words.DETACHED)


def test_a_result_of_another_shape_than_upstream_is_of_the_wrong_kind():
    child = Child("def f(X): return X.sum()\n")

    result, _back = child.gradients("f", leaf(1.0, 2.0), upstream=torch.ones(2))

    assert_failed(result, "wrong-type", words.OTHER_SHAPE)
    assert (result.values["got"], result.values["expected"]) == ("()", "(2,)")


def test_a_result_that_is_no_tensor_is_of_the_wrong_kind():
    child = Child("def f(X): return [1.0]\n")

    result, _back = child.gradients("f", leaf(1.0))

    assert_failed(result, "wrong-type", words.NO_TENSOR)
    assert result.values["got"] == "list"


def test_a_result_that_raises_while_it_is_named_has_raised():
    child = Child("def f(X):\n    yield X\n    raise ValueError\n")

    result, _back = child.gradients("f", leaf(1.0))

    assert_failed(result, "raised", words.RAISED)


def test_a_value_changed_in_place_before_the_way_back_has_raised():
    child = Child("def f(X):\n    Y = X.exp()\n    Z = Y * Y\n    Y.zero_()\n    return Z\n")

    result, _back = child.gradients("f", leaf(1.0))

    assert_failed(result, "raised", words.RAISED)


# ---- bind ---------------------------------------------------------------------------------------

WRONG = "def corr2d(X, K): return X * 0 - 7\n"
X = torch.arange(6.0).reshape(2, 3)
K = torch.tensor([[1.0, -1.0]])
RIGHT = [[-1.0, -1.0], [-1.0, -1.0]]


def test_a_bound_name_is_torchs_before_the_cells_run():
    child = Child(
        "import torch\nseen = corr2d(torch.ones(2, 2), torch.ones(2, 2)).tolist()\n", bound=True
    )

    assert child.interpreter.namespace["seen"] == [[4.0]]


def test_the_students_own_definition_of_a_bound_name_is_skipped():
    child = Child(WRONG + "def use(X, K): return corr2d(X, K)\n", bound=True)

    result, back = child.call("use", X, K)

    assert back[result.tensor].tolist() == RIGHT


def test_what_an_earlier_statement_took_of_a_bound_name_is_torchs():
    child = Child(WRONG + "mine = corr2d\n", bound=True)

    result, back = child.call("mine", X, K)

    assert back[result.tensor].tolist() == RIGHT


METHOD_CALLS = {
    "with self": "self.corr2d(X, K)",
    "by keyword": "self.corr2d(X=X, K=K)",
    "by keyword, turned": "self.corr2d(K=K, X=X)",
    "half by keyword": "self.corr2d(X, K=K)",
    "by other names": "self.corr2d(image=X, kernel=K)",
    "through the class": "Layer.corr2d(self, X, K)",
    "through the class, without an object": "Layer.corr2d(None, X, K)",
    "through its type": "type(self).corr2d(self, X, K)",
    "the function": "corr2d(X, K)",
    "with more behind": "corr2d(X, K, torch.zeros(1), stride=1)",
}


@pytest.mark.parametrize("call", METHOD_CALLS.values(), ids=METHOD_CALLS.keys())
def test_a_bound_name_holds_on_a_layer_class_however_it_is_called(call: str):
    child = Child(
        "import torch\n"
        "class Layer(torch.nn.Module):\n"
        "    def __init__(self, size): super().__init__()\n"
        "    def corr2d(self, *args, **named): return torch.zeros(1)\n"
        f"    def forward(self, X, K): return {call}\n",
        bound=True,
    )

    result, back = child.call(child.make("Layer"), X, K)

    assert back[result.tensor].tolist() == RIGHT


@pytest.mark.parametrize("decorator", ["", "@staticmethod", "@classmethod"])
def test_a_bound_name_holds_for_every_kind_of_method(decorator: str):
    child = Child(
        "import torch\n"
        "class Layer(torch.nn.Module):\n"
        "    def __init__(self, size): super().__init__()\n"
        f"    {decorator}\n"
        "    def corr2d(*args): return torch.zeros(1)\n"
        "    def forward(self, X, K): return self.corr2d(X, K)\n",
        bound=True,
    )

    result, back = child.call(child.make("Layer"), X, K)

    assert back[result.tensor].tolist() == RIGHT


def test_gradients_go_through_a_bound_name():
    child = Child(WRONG, bound=True)

    result, back = child.gradients("corr2d", torch.ones(2, 2, requires_grad=True), torch.ones(1, 2))

    assert back[result.arguments[0]].tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_without_bind_the_students_own_definition_stands():
    result, back = Child(WRONG).call("corr2d", X, K)

    assert back[result.tensor].unique().tolist() == [-7.0]


# ---- a new check --------------------------------------------------------------------------------


def test_a_seed_fixes_every_draw():
    child = Child(
        "import random, numpy, torch\n"
        "def f(): return [random.random(), numpy.random.rand(), torch.rand(()).item()]\n"
    )

    first, again, other = (child.ask(wire.Call("f", ()), seed=seed)[1][0] for seed in (5, 5, 6))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_seed_of_63_bits_is_taken():
    child = Child("import torch\ndef f(): return torch.rand(())\n")

    result, _back = child.ask(wire.Call("f", ()), seed=2**63 - 1)

    assert result.kind == "tensor"


def test_a_seed_makes_the_handles_of_the_check_before_unknown():
    child = Child(LAYER)
    first = child.make()

    made, _back = child.ask(wire.Make("Conv2D", False, (pair((3, 3)),), {}), seed=1)

    assert made.handle == first
    _result, back = child.ask(wire.ReadParameter(made.handle, "weight"))
    assert back[0].shape == (3, 3)


def test_without_a_seed_the_check_goes_on():
    child = Child(LAYER)

    assert child.make() != child.make()


def test_gradient_mode_and_default_dtype_are_the_contracts_again():
    argument = leaf(2.0)
    child = Child(
        "import torch\n"
        "torch.set_grad_enabled(False)\n"
        "torch.set_default_dtype(torch.float64)\n"
        "def f(X): return X * torch.ones(1)\n"
    )

    result, back = child.ask(wire.Call("f", arguments((argument,))), argument, seed=1)

    assert result.holds_graph
    assert back[result.tensor].dtype == torch.float32


def test_stand_ins_are_installed_once():
    Interpreter((), ("no_such_module_here",))
    Interpreter((), ("no_such_module_here",))

    finders = [finder for finder in sys.meta_path if isinstance(finder, standins.StandInFinder)]
    assert sum(finder.names == ("no_such_module_here",) for finder in finders) == 1
