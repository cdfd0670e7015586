"""The student's code as a check sees it: a thin proxy that sends data and receives data.

The verdict is never on the other side: a check asks for values here and compares them itself.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Protocol

import msgspec
import torch
from torch import Tensor

from autograder.checks.trace import Exchange, Trace
from autograder.errors import FailureKind, StudentFailure
from autograder.messages import _
from autograder.sandbox.inside import wire, words

_PLACE = re.compile(r" \(line (\d+)\)")  # as the child writes it, in English

Value = Tensor | int | float | bool | str | tuple[int, ...] | list[int] | torch.Size | None


class Connection(Protocol):
    """Whatever answers the seven operations: a sandboxed child, or this very process."""

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The answer to one operation. Raises StudentFailure when the child gave none."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """What a call gave back.

    ``kind`` is one of ``wire.KINDS``; ``arguments`` are the tensor arguments as the call left
    them, in order.
    """

    function: str
    kind: str
    type_name: str
    value: Tensor | float | str | None
    dtype: str
    holds_graph: bool
    arguments: tuple[Tensor, ...]

    def tensor(self) -> Tensor:
        """The answer, where it is a tensor. Raises StudentFailure where it is anything else."""
        if self.kind == "tensor" and isinstance(self.value, Tensor):
            return self.value
        raise self._wrong_type(_("a tensor"))

    def numbers(self) -> Tensor:
        """The answer as a vector of float64, from any container of numbers.

        Raises StudentFailure where it is no sequence of numbers.
        """
        if self.kind in ("tensor", "vector") and isinstance(self.value, Tensor):
            return self.value.reshape(-1).to(torch.float64)
        raise self._wrong_type(_("a list of numbers"))

    def _wrong_type(self, expected: str) -> StudentFailure:
        return StudentFailure(
            FailureKind.WRONG_TYPE,
            _("{function} returned {got}; expected {expected}").format(
                function=self.function, got=self.type_name, expected=expected
            ),
        )


class Gradients(msgspec.Struct, frozen=True):
    """Gradients of ``(result * upstream).sum()``; None where autograd finds no path."""

    value: Tensor
    arguments: tuple[Tensor | None, ...]
    parameters: Mapping[str, Tensor | None]


class Parameter(msgspec.Struct, frozen=True):
    """A registered parameter: its value, and whether it is the object it was at first."""

    value: Tensor
    requires_grad: bool
    same_object: bool


class Layer:
    """A layer that lives on the student's side; only data comes from it."""

    def __init__(self, student: Student, handle: int, name: str) -> None:
        self._student = student
        self.handle = handle
        self.name = name

    def __call__(self, *args: Value | Layer) -> Tensor:
        """The tensor that the layer gives for ``args``."""
        return self._student._call(self.handle, self.name, args).tensor()

    def read(self, parameter: str) -> Parameter:
        """The named parameter now. Raises StudentFailure when no such one is registered."""
        result, tensors = self._student.send(wire.ReadParameter(self.handle, parameter), [])
        if not isinstance(result, wire.ParameterValue):
            raise _unexpected(result)
        return Parameter(_pick(tensors, result.tensor), result.requires_grad, result.same_object)

    def write(self, parameter: str, value: Tensor) -> None:
        """Set the values of the named parameter in place; the Parameter object stays."""
        self._student.send(wire.WriteParameter(self.handle, parameter, 0), [value])

    def gradients(self, *args: Value | Layer, upstream: Tensor | None = None) -> Gradients:
        """Gradients of a forward pass to tensor arguments that require them and to parameters."""
        return self._student._gradients(self.handle, self.name, args, upstream)


class Student:
    """The fixture ``student``: ``student.corr2d(X, K)`` calls the student's own function.

    Any attribute is a function of the student's; only positional arguments are sent.
    """

    def __init__(self, connection: Connection, trace: Trace | None = None) -> None:
        self._connection = connection
        self._trace = trace
        self._answers: list[Answer] = []  # for remarks on dtype and containers

    def __getattr__(self, function: str) -> _Function:
        if function.startswith("_"):  # pytest and copy ask for dunders
            raise AttributeError(function)
        return _Function(self, function)

    def call(self, function: str, *args: Value | Layer) -> Answer:
        """Call a function; the whole answer with what became of the arguments."""
        return self._call(function, function, args)

    def make(self, class_name: str, *args: Value) -> Layer:
        """An object of a class the student wrote."""
        return self._make(class_name, False, args, {})

    def torch_layer(self, class_name: str, *args: Value, **options: Value) -> Layer:
        """A layer of ``torch.nn`` that the assignment allows, made on the student's side."""
        return self._make(class_name, True, args, options)

    def gradients(
        self, function: str, *args: Value | Layer, upstream: Tensor | None = None
    ) -> Gradients:
        """Gradients of ``(function(*args) * upstream).sum()`` to the arguments that require them.

        ``upstream`` has the result's shape; None stands for ones.
        """
        return self._gradients(function, function, args, upstream)

    def send(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """One operation. Raises StudentFailure when the student's code failed it."""
        result, back = self._exchange(operation, tensors)
        if isinstance(result, wire.Failed):
            raise StudentFailure(FailureKind(result.kind), _sentence(result), result.detail)
        return result, back

    def _exchange(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        if self._trace is None:
            return self._connection.request(operation, tensors)
        result: wire.Result | None = None
        back: list[Tensor] = []
        try:
            result, back = self._connection.request(operation, tensors)
            return result, back
        finally:
            self._trace.add(Exchange(operation, tuple(tensors), result, tuple(back)))

    def _call(self, target: str | int, name: str, args: tuple[Value | Layer, ...]) -> Answer:
        packed, tensors = pack(args)
        result, back = self.send(wire.Call(target, packed), tensors)
        if not isinstance(result, wire.Returned):
            raise _unexpected(result)
        answer = Answer(
            function=name,
            kind=result.kind,
            type_name=result.type_name,
            value=_pick(back, result.tensor) if result.tensor is not None else result.scalar,
            dtype=result.dtype,
            holds_graph=result.holds_graph,
            arguments=tuple(_pick(back, index) for index in result.arguments),
        )
        # For remarks only, until the class's next one: not the tensors, up to 64 MiB an answer.
        self._answers.append(msgspec.structs.replace(answer, value=None, arguments=()))
        return answer

    def _make(
        self,
        class_name: str,
        torch_layer: bool,
        args: tuple[Value, ...],
        options: Mapping[str, Value],
    ) -> Layer:
        packed, tensors = pack((*args, *options.values()))
        named = dict(zip(options, packed[len(args) :], strict=True))
        operation = wire.Make(class_name, torch_layer, packed[: len(args)], named)
        result, _back = self.send(operation, tensors)
        if not isinstance(result, wire.Made):
            raise _unexpected(result)
        return Layer(self, result.handle, class_name)

    def _gradients(
        self,
        target: str | int,
        name: str,
        args: tuple[Value | Layer, ...],
        upstream: Tensor | None,
    ) -> Gradients:
        packed, tensors = pack(args)
        index = None
        if upstream is not None:
            index = len(tensors)
            tensors.append(upstream)
        result, back = self.send(wire.Gradients(target, packed, index), tensors)
        if not isinstance(result, wire.GradientValues):
            raise _unexpected(result)
        return Gradients(
            _pick(back, result.value),
            tuple(None if i is None else _pick(back, i) for i in result.arguments),
            {n: None if i is None else _pick(back, i) for n, i in result.parameters.items()},
        )


class _Function:
    """One of the student's functions; calling it gives a tensor or raises StudentFailure."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self._name = name

    def __call__(self, *args: Value | Layer) -> Tensor:
        return self._student.call(self._name, *args).tensor()


def pack(args: tuple[Value | Layer, ...]) -> tuple[tuple[wire.Argument, ...], list[Tensor]]:
    """Arguments as wire types, and the tensors they refer to by index."""
    tensors: list[Tensor] = []
    packed: list[wire.Argument] = []
    for arg in args:
        if isinstance(arg, Tensor):
            packed.append(wire.TensorArgument(len(tensors), _layout(arg), arg.requires_grad))
            tensors.append(arg)
        elif isinstance(arg, Layer):
            packed.append(wire.HandleArgument(arg.handle))
        elif isinstance(arg, torch.Size | tuple | list):
            container = "size" if isinstance(arg, torch.Size) else type(arg).__name__
            packed.append(wire.SequenceArgument(container, tuple(int(n) for n in arg)))
        else:
            packed.append(wire.ScalarArgument(arg))
    return tuple(packed), tensors


def _layout(tensor: Tensor) -> str:
    if tensor.is_contiguous():
        return "contiguous"
    return "transposed" if tensor.dim() == 2 and tensor.t().is_contiguous() else "sliced"


def _pick(tensors: list[Tensor], index: int) -> Tensor:
    if not 0 <= index < len(tensors):
        raise StudentFailure(
            FailureKind.REFUSED, _("the answer refers to a tensor it did not send")
        )
    return tensors[index]


def _sentence(failed: wire.Failed) -> str:
    """What the child says, in the person's language; only sentences of ours are let through."""
    if failed.sentence in words.ALL:
        with contextlib.suppress(LookupError):
            values = failed.values
            if line := _PLACE.fullmatch(values.get("where", "")):
                values = {**values, "where": _(" (line {line})").format(line=line[1])}
            return _(failed.sentence).format(**values)
    return _("it sent an answer that we refuse to read")


def _unexpected(result: wire.Result) -> StudentFailure:
    return StudentFailure(
        FailureKind.REFUSED,
        _("the answer is of another kind than was asked for"),
        type(result).__name__,
    )
