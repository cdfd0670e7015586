"""Tensors as one safetensors blob, whose header is read and bounded before any tensor is made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
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
DTYPES = frozenset(_NAMED_DTYPES.values())

_Size = Annotated[int, msgspec.Meta(ge=0, le=MAX_TENSOR_BYTES)]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the header says of one tensor; offsets are bytes from the header's end."""

    dtype: str
    shape: tuple[_Size, ...]
    data_offsets: tuple[_Size, _Size]


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
    return save_tensors({str(i): _copy(tensor) for i, tensor in enumerate(tensors)})


def _copy(tensor: Tensor) -> Tensor:
    """Contiguous memory of its own: safetensors refuses two tensors that share it."""
    if tensor.dtype is torch.bool:  # memory that was never written holds other bytes than 0 and 1
        return tensor.detach().contiguous().view(torch.uint8) != 0
    return tensor.detach().clone(memory_format=torch.contiguous_format)


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
        named = load_tensors(blob)
    except Exception as error:  # a parser in Rust and torch behind it: nothing it raises may pass
        raise refused("not a safetensors blob", error) from None
    tensors = [named[str(i)] for i in range(len(named)) if str(i) in named]
    # Two parsers have read one header; where they differ (a name given twice), neither is right.
    if [(t.dtype, tuple(t.shape)) for t in tensors] != [
        (_NAMED_DTYPES[entry.dtype], entry.shape)
        for entry in (entries[str(i)] for i in range(len(entries)))
    ]:
        raise WireError("a header of tensors that can be read in two ways")
    return tensors


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
