"""Tensors as one safetensors blob, whose header is read and bounded before any tensor is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import torch
from safetensors import deserialize
from torch import Tensor

from .bounds import (
    MAX_TENSOR_BYTES,
    MAX_TENSOR_HEADER_BYTES,
    MAX_TENSORS,
    WireError,
    refused,
    too_large,
)

_NAMED_DTYPES = {  # as safetensors names them
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_NAMES = {dtype: name for name, dtype in _NAMED_DTYPES.items()}
DTYPES = frozenset(_NAMES)

_Size = Annotated[int, msgspec.Meta(ge=0, le=MAX_TENSOR_BYTES)]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the header says of one tensor; offsets are bytes from the header's end."""

    dtype: str
    shape: tuple[_Size, ...]
    data_offsets: tuple[_Size, _Size]


_header_encoder = msgspec.json.Encoder()
_header_decoder = msgspec.json.Decoder(dict[str, _Entry])


def encode_tensors(tensors: Sequence[Tensor]) -> bytes:
    """The tensors as one blob. Raises WireError for what the other side would refuse."""
    if len(tensors) > MAX_TENSORS:
        raise WireError(f"{len(tensors)} tensors are too many")
    total_bytes = 0
    for tensor in tensors:
        if tensor.dtype not in DTYPES:
            raise WireError(f"a tensor of dtype {tensor.dtype} is never sent")
        if too_large(tensor.shape):
            raise WireError(f"a tensor of shape {tuple(tensor.shape)} is too large")
        total_bytes += tensor.numel() * tensor.element_size()  # an expanded one is far smaller
    if total_bytes > MAX_TENSOR_BYTES:
        raise WireError(f"tensors of {total_bytes} bytes are too large")
    entries: dict[str, _Entry] = {}
    parts: list[Any] = []
    at = 0
    for i, tensor in enumerate(tensors):
        end = at + tensor.numel() * tensor.element_size()
        entries[str(i)] = _Entry(_NAMES[tensor.dtype], tuple(tensor.shape), (at, end))
        parts.append(_buffer(tensor))
        at = end
    header = _header_encoder.encode(entries)
    header += b" " * (-len(header) % 8)  # as safetensors itself does
    return b"".join((len(header).to_bytes(8, "little"), header, *parts))


def _buffer(tensor: Tensor) -> Any:
    """The values in memory side by side; safetensors' own writer takes ten times as long."""
    tensor = tensor.detach().contiguous()
    if tensor.dtype is torch.bool:  # memory that was never written holds other bytes than 0 and 1
        tensor = tensor.view(torch.uint8) != 0
    elif tensor.dtype is torch.bfloat16:  # which numpy does not have
        tensor = tensor.view(torch.int16)
    return tensor.numpy()


def decode_tensors(blob: bytes) -> list[Tensor]:
    """The tensors in a blob, in order. Raises WireError on anything out of bounds."""
    if not blob:
        return []
    start = 8 + int.from_bytes(blob[:8], "little")
    if start > min(len(blob), 8 + MAX_TENSOR_HEADER_BYTES):
        raise WireError("the header of the tensors is missing or too large")
    try:
        entries = _header_decoder.decode(memoryview(blob)[8:start])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refused("not a header of tensors", error) from None
    _check(entries, memoryview(blob)[start:])
    try:
        named = dict(deserialize(blob))  # type: ignore[no-untyped-call]
    except Exception as error:  # a parser in Rust: nothing it raises may pass
        raise refused("not a safetensors blob", error) from None
    # Two parsers have read one header; where they differ (a name given twice), neither is right.
    read = {name: (one["dtype"], tuple(one["shape"])) for name, one in named.items()}
    if read != {name: (entry.dtype, entry.shape) for name, entry in entries.items()}:
        raise WireError("a header of tensors that can be read in two ways")
    names = (str(i) for i in range(len(entries)))
    return [_tensor(entries[name], named[name]["data"]) for name in names]


def _tensor(entry: _Entry, data: bytearray) -> Tensor:
    """``data``, which has the size the header says, as a tensor."""
    dtype = _NAMED_DTYPES[entry.dtype]
    if not data:  # which torch takes no buffer of
        return torch.empty(entry.shape, dtype=dtype)
    return torch.frombuffer(data, dtype=dtype).reshape(entry.shape)


def _check(entries: Mapping[str, _Entry], data: memoryview) -> None:
    """Raise WireError unless ``entries`` are in bounds and take up ``data`` exactly."""
    if len(entries) > MAX_TENSORS:
        raise WireError(f"{len(entries)} tensors are too many")
    spans = []
    for i in range(len(entries)):
        entry = entries.get(str(i))
        if entry is None:
            raise WireError("tensors of other names than 0, 1, ...")
        dtype = _NAMED_DTYPES.get(entry.dtype)
        if dtype is None:
            raise WireError(f"a tensor of dtype {entry.dtype[:16]!a} is not expected")
        if too_large(entry.shape):
            raise WireError(f"a tensor of shape {str(entry.shape)[:64]} is too large")
        begin, end = entry.data_offsets
        if end - begin != math.prod(entry.shape) * dtype.itemsize:
            raise WireError(f"a tensor of shape {entry.shape} in {begin} to {end}")
        # torch takes any byte for a truth value and then computes with it
        if dtype is torch.bool and data[begin:end].tobytes().translate(None, b"\0\1"):
            raise WireError("a truth value other than 0 and 1")
        spans.append((begin, end))
    at = 0
    for begin, end in sorted(spans):
        if begin != at:
            raise WireError("tensors with a gap between them, or one over another")
        at = end
    if at != len(data):
        raise WireError(f"tensors of {at} bytes in {len(data)}")
