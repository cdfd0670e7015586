"""Values between the wire and student code: arguments become objects, results become data."""

from __future__ import annotations

import decimal
import itertools
import math
import numbers
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import bounds, wire, words

MAX_ITEMS = 10_000
_MAX_TEXT = 256  # of a text that a call gave back
_FLOATS = frozenset({torch.float64, torch.float32, torch.float16, torch.bfloat16})


class RefusedError(Exception):
    """A result of a kind we do not read; the sentence says which and what to return instead."""

    def __init__(self, sentence: str, got: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.got = str(got)


def argument(arg: wire.Argument, tensors: Sequence[Tensor], handles: Mapping[int, Any]) -> Any:
    """The object that student code gets for ``arg``."""
    if isinstance(arg, wire.TensorArgument):
        return with_layout(tensors[arg.index], arg.layout).requires_grad_(arg.requires_grad)
    if isinstance(arg, wire.HandleArgument):
        return handles[arg.handle]
    if isinstance(arg, wire.SequenceArgument):
        return {"tuple": tuple, "list": list, "size": torch.Size}[arg.container](arg.items)
    return arg.value


def with_layout(tensor: Tensor, layout: str) -> Tensor:
    """``tensor``'s values in memory laid out as asked; a contiguous one is given as it is."""
    if layout == "transposed":
        return tensor.t().contiguous().t()
    if layout == "sliced":
        wide = torch.zeros(*tensor.shape[:-1], 2 * tensor.shape[-1], dtype=tensor.dtype)
        view = wide[..., ::2]
        view.copy_(tensor)
        return view
    return tensor


def plain(tensor: Tensor) -> Tensor:
    """A dense CPU tensor without graph, class or lazy bits. Raises RefusedError with the reason."""
    with torch._C.DisableTorchFunctionSubclass():
        tensor = Tensor.detach(tensor)  # not a subclass's own detach
        if tensor.layout is not torch.strided or tensor.is_nested:
            raise RefusedError(words.REFUSED_LAYOUT, tensor.layout)
        tensor = Tensor.as_subclass(tensor, Tensor)  # asks for the storage, so a dense one's only
        if tensor.device.type != "cpu":
            raise RefusedError(words.REFUSED_DEVICE, tensor.device)
        if tensor.is_quantized or tensor.is_complex() or tensor.dtype not in wire.DTYPES:
            raise RefusedError(words.REFUSED_DTYPE, tensor.dtype)
        if bounds.too_large(tensor.shape):
            raise RefusedError(words.REFUSED_SIZE, tuple(tensor.shape))
        return tensor.resolve_conj().resolve_neg()


def returned(value: Any, tensors: list[Tensor]) -> wire.Returned:
    """``value`` as data; a tensor in it is appended to ``tensors``. Raises RefusedError."""
    name = _type_name(value)
    if isinstance(value, Tensor):
        tensors.append(plain(value))
        return _returned(
            "tensor",
            name,
            tensor=len(tensors) - 1,
            dtype=str(tensors[-1].dtype)[6:],
            holds_graph=_holds_graph(value),
        )
    if value is None:
        return _returned("none", name)
    if isinstance(value, bool | int | float | np.generic) and isinstance(value, numbers.Real):
        return _returned("number", name, scalar=_real(value))
    if isinstance(value, str):
        text = value[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode()
        return _returned("text", name, scalar=text[:_MAX_TEXT])
    items = _items(value)
    vector = _vector(items) if items is not None else None
    if vector is None:
        return _returned("other", name)
    tensors.append(vector[0])
    _values, dtype, graph = vector
    return _returned("vector", name, tensor=len(tensors) - 1, dtype=dtype, holds_graph=graph)


def _returned(
    kind: Any,
    type_name: str,
    tensor: int | None = None,
    scalar: float | str | None = None,
    dtype: str = "",
    holds_graph: bool = False,
) -> wire.Returned:
    return wire.Returned(kind, type_name, tensor, scalar, dtype, holds_graph, ())


def _items(value: Any) -> list[Any] | None:
    """What a container holds, in order; None where ``value`` is no container we know."""
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, np.ndarray):
        if value.ndim == 0 or value.dtype.kind not in "fiub":
            return None
        return [float(n) for n in value.reshape(-1)[:MAX_ITEMS]]  # a column of losses, too
    if isinstance(value, Sequence | set | frozenset | Iterator | types.GeneratorType) or (
        isinstance(value, Iterable) and not isinstance(value, torch.nn.Module)
    ):
        return list(itertools.islice(value, MAX_ITEMS))
    return None


def _vector(items: list[Any]) -> tuple[Tensor, str, bool] | None:
    """Numbers and one-element tensors as one vector, their dtype, and whether one holds a graph."""
    values = []
    graph = False
    dtypes = set()
    for item in items:
        if isinstance(item, Tensor):
            flat = plain(item)
            if flat.numel() != 1:
                return None
            graph = graph or _holds_graph(item)
            dtypes.add(str(flat.dtype)[6:])
            values.append(float(flat.reshape(())))
        elif isinstance(item, np.ndarray) and item.size == 1 and item.dtype.kind in "fiub":
            dtypes.add("numpy")
            values.append(float(item.reshape(())))
        elif isinstance(item, numbers.Real | decimal.Decimal):
            dtypes.add("float")
            values.append(_real(item))
        else:
            return None
    return torch.tensor(values, dtype=torch.float64), "/".join(sorted(dtypes)), graph


def _holds_graph(tensor: Tensor) -> bool:
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.requires_grad and tensor.grad_fn is not None


def _real(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _type_name(value: Any) -> str:
    """How a person would call the type; a fixed set where it is one of the usual ones."""
    if value is None:
        return "None"
    kind = type(value)
    module = getattr(kind, "__module__", "")
    name = str(getattr(kind, "__name__", "object"))[:64]
    text = name if module in ("builtins", "__main__", "torch") else f"{str(module)[:64]}.{name}"
    return text.encode("utf-8", "backslashreplace").decode()
