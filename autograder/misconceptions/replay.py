"""Ask a model what a check asked the student's code, and compare the answers.

Models are the author's and run in the grader; nothing of the student's is run here. What a check
sent is sent again: data of ours, and the numbers of objects, which the other side chose and which
therefore may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

import numpy as np
import torch
from torch import Tensor

from autograder.checks import Exchange, Trace
from autograder.errors import FailureKind
from autograder.misconceptions.declare import ANYTHING, Model
from autograder.sandbox.inside import wire
from autograder.sandbox.inside.interpreter import Interpreter

# Wide enough for another order of summation over ten epochs, far below what a mistake changes.
_TOLERANCE = 1e-4  # of the largest magnitude, at least of 1
_OBJECT = re.compile(r"\b(handle|target)=-?\d+")
_MISSING = frozenset({FailureKind.MISSING.value, FailureKind.NOT_BEGUN.value})
_NAMES_AND_PLACES = frozenset({"name", "where"})  # of a failure: the student's own words


class ModelStudent:
    """The connection of the ``student`` fixture to a model."""

    def __init__(self, model: Model, layers: tuple[str, ...], seed: int) -> None:
        self._interpreter = Interpreter(layers, (), dict(model), catch=(Exception,))
        self._seed: int | None = seed

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The model's answer, a copy as over the wire: what it says of now stays as it is."""
        seed, self._seed = self._seed, None
        sent = [tensor.detach().clone() for tensor in tensors]
        request = wire.Request(0, seed, operation)
        result, back = self._interpreter.answer(request, sent, _no_progress)
        return result, [tensor.clone() for tensor in back]


def replay(
    trace: Trace, model: Model, layers: tuple[str, ...]
) -> Iterator[tuple[Exchange, Exchange]]:
    """Each exchange of ``trace`` with that of the model; ends where the model cannot follow."""
    student = ModelStudent(model, layers, trace.seed)
    for exchange in trace.exchanges:
        try:
            result, back = student.request(exchange.operation, list(exchange.sent))
        except (LookupError, TypeError, ValueError, RuntimeError):  # an object that it never made
            return
        yield exchange, Exchange(exchange.operation, exchange.sent, result, tuple(back))


def answers_alike(trace: Trace, model: Model, layers: tuple[str, ...]) -> bool:
    """Whether the model gives every answer of ``trace``."""
    pairs = list(_until_unlike(replay(trace, model, layers)))
    return bool(pairs) and trace.whole and len(pairs) == len(trace.exchanges)


def missing(trace: Trace) -> frozenset[str]:
    """The names the student has not written, of those asked for; a model writes them all."""
    return frozenset(
        target
        for exchange in trace.exchanges
        if isinstance(exchange.result, wire.Failed)
        and exchange.result.kind in _MISSING
        and isinstance(exchange.operation, wire.Call | wire.Gradients | wire.Make)
        and isinstance(target := _named(exchange.operation), str)
    )


def _named(operation: wire.Call | wire.Gradients | wire.Make) -> str | int:
    return operation.class_name if isinstance(operation, wire.Make) else operation.target


def telling_inputs(trace: Trace, right: Model, layers: tuple[str, ...]) -> set[bytes]:
    """The inputs of ``trace``, one digest each, whose answers are not the right ones.

    What is sent to an object of the student's is one input with all that was sent to it before:
    the losses of a training and the kernel it ends with are two answers to one input. Two objects
    are told apart by what was sent to them alone.
    """
    found: set[bytes] = set()
    sent: dict[int, set[bytes]] = {}  # to each object
    for theirs, ours in replay(trace, right, layers):
        own, objects = _digest(theirs), _objects(theirs)
        if not isinstance(theirs.operation, wire.ReadParameter):
            for handle in objects:
                sent.setdefault(handle, set()).add(own)
        if not same_answer(theirs, ours):
            known = set[bytes]().union(*(sent.get(handle, ()) for handle in objects))
            found.add(sha256(b"".join(sorted(known))).digest() if objects else own)
    return found


def same_answer(one: Exchange, other: Exchange) -> bool:
    """Whether a student's answer and a model's say the same, whatever their containers."""
    match one.result, other.result:
        case (wire.Failed() as a, wire.Failed() as b):
            return a.kind == b.kind and a.sentence == b.sentence and _said(a) == _said(b)
        case (wire.Returned() as a, wire.Returned() as b):
            return _same_returned(a, b, one, other)
        case (wire.ParameterValue() as a, wire.ParameterValue() as b):
            same_object = a.same_object == b.same_object and a.requires_grad == b.requires_grad
            return same_object and _close_at(one, a.tensor, other, b.tensor)
        case (wire.GradientValues() as a, wire.GradientValues() as b):
            if len(a.arguments) != len(b.arguments) or a.parameters.keys() != b.parameters.keys():
                return False
            named = ((index, b.parameters[name]) for name, index in a.parameters.items())
            pairs = ((a.value, b.value), *zip(a.arguments, b.arguments, strict=True), *named)
            return all(_close_at(one, first, other, second) for first, second in pairs)
        case (a, b):
            return a is not None and type(a) is type(b)


def _until_unlike(pairs: Iterator[tuple[Exchange, Exchange]]) -> Iterator[Exchange]:
    for theirs, ours in pairs:
        if not same_answer(theirs, ours):
            return
        yield theirs


def _same_returned(a: wire.Returned, b: wire.Returned, one: Exchange, other: Exchange) -> bool:
    if len(a.arguments) != len(b.arguments):
        return False
    for first, second in zip(a.arguments, b.arguments, strict=True):
        if not _close_at(one, first, other, second):
            return False
    if b.scalar == ANYTHING:
        return True
    numbers = ("tensor", "vector")
    if a.kind == b.kind:
        if a.kind in numbers:
            return _close_at(one, a.tensor, other, b.tensor)
        if isinstance(a.scalar, float) and isinstance(b.scalar, float):
            return _close(torch.tensor(a.scalar), torch.tensor(b.scalar))
        return a.type_name == b.type_name and a.scalar == b.scalar
    return a.kind in numbers and b.kind in numbers and _close_at(one, a.tensor, other, b.tensor, -1)


def _close_at(
    one: Exchange, first: int | None, other: Exchange, second: int | None, *shape: int
) -> bool:
    """Whether the tensors at two indices are close, as vectors where ``shape`` is -1."""
    if first is None or second is None:
        return first is second
    if not (0 <= first < len(one.back) and 0 <= second < len(other.back)):
        return False
    a, b = one.back[first], other.back[second]
    return _close(a.reshape(*shape), b.reshape(*shape)) if shape else _close(a, b)


def _close(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype is b.dtype and torch.equal(a, b):
        return True
    one, other = a.double().numpy(), b.double().numpy()
    scale = np.abs(other).max(initial=1.0, where=np.isfinite(other))
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(one - other) <= _TOLERANCE * scale
    return bool((near | (one == other) | (np.isnan(one) & np.isnan(other))).all())


def _said(failed: wire.Failed) -> dict[str, str]:
    """What a failure says, without the student's own names and what autograd says of a tensor."""
    return {
        key: text.partition("[")[0]
        for key, text in failed.values.items()
        if key not in _NAMES_AND_PLACES
    }


def _objects(exchange: Exchange) -> tuple[int, ...]:
    """The numbers of the objects that are made, asked or passed."""
    match exchange.operation:
        case wire.Make():
            made = exchange.result
            return (made.handle,) if isinstance(made, wire.Made) else ()
        case wire.ReadParameter() | wire.WriteParameter():
            return (exchange.operation.handle,)
        case wire.Call() | wire.Gradients():
            target, args = exchange.operation.target, exchange.operation.args
            passed = tuple(arg.handle for arg in args if isinstance(arg, wire.HandleArgument))
            return passed if isinstance(target, str) else (target, *passed)
        case _:
            return ()


def _digest(exchange: Exchange) -> bytes:
    """What is asked, whatever the number of the object that is asked."""
    digest = sha256(_OBJECT.sub(r"\1", repr(exchange.operation)).encode())
    for tensor in exchange.sent:
        digest.update(repr(tuple(tensor.shape)).encode())
        digest.update(tensor.detach().double().contiguous().numpy().tobytes())
    return digest.digest()


def _no_progress(cell: int, statement: int, name: str, line: int) -> None:
    return None
