"""What crosses the boundary: typed, bounded, non-executable bytes; the same file on both sides.

One frame is ``<u32 size of the message> <u32 size of the tensors> <message> <tensors>``, little
endian: the message is msgpack of one struct below, the tensors are one safetensors blob whose
names are "0", "1", ... Every size is checked before anything of that size is made.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

HEADER = struct.Struct("<II")
MAX_MESSAGE_BYTES = 4 * 2**20
MAX_TENSOR_BYTES = 64 * 2**20
MAX_TENSORS = 64
MAX_TENSOR_HEADER_BYTES = 2**16
MAX_DIMENSIONS = 8
MAX_DIMENSION = 2**24
MAX_ELEMENTS = 2**22
MAX_TEXT = 8192

KINDS = ("tensor", "vector", "number", "text", "none", "other")


class WireError(Exception):
    """Bytes that are not a frame we read."""


# --- arguments, from the check to the student's code -------------------------------------------


class TensorArgument(msgspec.Struct, frozen=True, array_like=True, tag="tensor"):
    """A tensor by its index; ``layout`` is contiguous, transposed or sliced."""

    index: int
    layout: str
    requires_grad: bool


class HandleArgument(msgspec.Struct, frozen=True, array_like=True, tag="handle"):
    """An object made earlier in the same check."""

    handle: int


class SequenceArgument(msgspec.Struct, frozen=True, array_like=True, tag="sequence"):
    """Whole numbers in a tuple, list or torch.Size (``container`` "size")."""

    container: str
    items: tuple[int, ...]


class ScalarArgument(msgspec.Struct, frozen=True, array_like=True, tag="scalar"):
    """A number, a text, a truth value or None."""

    value: bool | int | float | str | None


Argument = TensorArgument | HandleArgument | SequenceArgument | ScalarArgument


# --- the seven operations ----------------------------------------------------------------------


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """Source text of one cell; ``name`` and ``first_line`` say where it stands in the file."""

    source: str
    name: str
    first_line: int


class Load(msgspec.Struct, frozen=True, array_like=True, tag="load"):
    """Run the cells in order, statement by statement, but for those in ``skip``.

    ``skip`` holds (cell, statement); statement -1 is the parsing of the cell.
    """

    cells: tuple[Cell, ...]
    skip: tuple[tuple[int, int], ...]
    module: str


class Bind(msgspec.Struct, frozen=True, array_like=True, tag="bind"):
    """Bind ``name``, before the cells run, to an allow-listed torch function."""

    name: str
    function: str


class Call(msgspec.Struct, frozen=True, array_like=True, tag="call"):
    """Call a function by name, or a made object by handle."""

    target: str | int
    args: tuple[Argument, ...]


class Make(msgspec.Struct, frozen=True, array_like=True, tag="make"):
    """Make an object of the student's class, or of an allowed class of torch.nn."""

    class_name: str
    torch_layer: bool
    args: tuple[Argument, ...]
    options: Mapping[str, Argument]


class ReadParameter(msgspec.Struct, frozen=True, array_like=True, tag="read"):
    """Read a registered parameter."""

    handle: int
    name: str


class WriteParameter(msgspec.Struct, frozen=True, array_like=True, tag="write"):
    """Write a registered parameter in place."""

    handle: int
    name: str
    tensor: int


class Gradients(msgspec.Struct, frozen=True, array_like=True, tag="gradients"):
    """Gradients of ``(result * upstream).sum()`` to arguments and parameters."""

    target: str | int
    args: tuple[Argument, ...]
    upstream: int | None


Operation = Load | Bind | Call | Make | ReadParameter | WriteParameter | Gradients


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One operation. ``seed`` begins a new check: seeds set, handles forgotten."""

    id: int
    seed: int | None
    operation: Operation


# --- answers -----------------------------------------------------------------------------------


class StatementStatus(msgspec.Struct, frozen=True, array_like=True):
    """What became of one statement that did not run to its end."""

    cell: int
    statement: int
    line: int
    message: str


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="hello"):
    """Sent once, before any student code runs: the layers that are active around it."""

    layers: tuple[str, ...]


class Progress(msgspec.Struct, frozen=True, array_like=True, tag="progress"):
    """The statement that begins now; sent while loading, so that time is counted for each.

    ``name`` and ``line`` say where it stands in the file.
    """

    cell: int
    statement: int
    name: str
    line: int


class Loaded(msgspec.Struct, frozen=True, array_like=True, tag="loaded"):
    """All cells were run; the statements that failed."""

    failed: tuple[StatementStatus, ...]


class Done(msgspec.Struct, frozen=True, array_like=True, tag="done"):
    """Done, with nothing to tell."""


class Returned(msgspec.Struct, frozen=True, array_like=True, tag="returned"):
    """What a call gave back, and its tensor arguments as they are after it."""

    kind: Literal["tensor", "vector", "number", "text", "none", "other"]
    type_name: str
    tensor: int | None
    scalar: float | str | None
    dtype: str
    holds_graph: bool
    arguments: tuple[int, ...]


class Made(msgspec.Struct, frozen=True, array_like=True, tag="made"):
    """The made object's handle."""

    handle: int


class ParameterValue(msgspec.Struct, frozen=True, array_like=True, tag="parameter"):
    """A registered parameter."""

    tensor: int
    requires_grad: bool
    same_object: bool


class GradientValues(msgspec.Struct, frozen=True, array_like=True, tag="gradient-values"):
    """Tensors by index; None where autograd finds no path."""

    value: int
    arguments: tuple[int | None, ...]
    parameters: Mapping[str, int | None]


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="failed"):
    """The student's code did not answer; ``kind`` is a value of errors.FailureKind.

    ``sentence`` is one of ``words.ALL``, ``values`` go into its braces.
    """

    kind: Literal["missing", "raised", "refused", "wrong-type", "no-gradient"]
    sentence: str
    values: Mapping[str, str]
    detail: str


Result = (
    Hello | Progress | Loaded | Done | Returned | Made | ParameterValue | GradientValues | Failed
)


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """One answer; ``printed_bytes`` since the last one, and the beginning of what was printed."""

    id: int
    result: Result
    printed_bytes: int
    printed: str


# --- frames ------------------------------------------------------------------------------------

DTYPES = frozenset(
    {
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    }
)

_encoder = msgspec.msgpack.Encoder()
_request_decoder = msgspec.msgpack.Decoder(Request)
_reply_decoder = msgspec.msgpack.Decoder(Reply)


def encode(message: Request | Reply, tensors: Sequence[Tensor]) -> bytes:
    """One frame. ``tensors`` are dense CPU tensors of a dtype in ``DTYPES``."""
    body = _encoder.encode(message)
    blob = encode_tensors(tensors) if tensors else b""
    if len(body) > MAX_MESSAGE_BYTES or len(blob) > MAX_TENSOR_BYTES:
        raise WireError(f"a frame of {len(body)} + {len(blob)} bytes is too large")
    return HEADER.pack(len(body), len(blob)) + body + blob


def sizes(header: bytes) -> tuple[int, int]:
    """Sizes of message and tensors in bytes. Raises WireError above the caps."""
    message_bytes, tensor_bytes = HEADER.unpack(header)
    if message_bytes > MAX_MESSAGE_BYTES or tensor_bytes > MAX_TENSOR_BYTES:
        raise WireError(f"a frame of {message_bytes} + {tensor_bytes} bytes is too large")
    return message_bytes, tensor_bytes


def decode_request(body: bytes, blob: bytes) -> tuple[Request, list[Tensor]]:
    """The request in a frame. Raises WireError."""
    try:
        return _request_decoder.decode(body), decode_tensors(blob)
    except msgspec.DecodeError as error:
        raise WireError(str(error)) from None


def decode_reply(body: bytes, blob: bytes) -> tuple[Reply, list[Tensor]]:
    """The reply in a frame. Raises WireError."""
    try:
        return _reply_decoder.decode(body), decode_tensors(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(str(error)) from None


def encode_tensors(tensors: Sequence[Tensor]) -> bytes:
    """The tensors as one safetensors blob."""
    if len(tensors) > MAX_TENSORS:
        raise WireError(f"{len(tensors)} tensors are too many")
    # clones: safetensors refuses two tensors that share memory
    named = {
        str(i): tensor.detach().clone(memory_format=torch.contiguous_format)
        for i, tensor in enumerate(tensors)
    }
    return save_tensors(named)


def decode_tensors(blob: bytes) -> list[Tensor]:
    """The tensors in a blob, in order. Raises WireError on anything out of bounds."""
    if not blob:
        return []
    if len(blob) < 8 or int.from_bytes(blob[:8], "little") > MAX_TENSOR_HEADER_BYTES:
        raise WireError("the header of the tensors is missing or too large")
    try:
        named = load_tensors(blob)
    except Exception as error:  # a parser in Rust and torch behind it: nothing it raises may pass
        raise WireError(f"not a safetensors blob: {error}") from None
    if len(named) > MAX_TENSORS or set(named) != {str(i) for i in range(len(named))}:
        raise WireError("too many tensors, or tensors of other names than 0, 1, ...")
    tensors = [named[str(i)] for i in range(len(named))]
    for tensor in tensors:
        if (
            tensor.dim() > MAX_DIMENSIONS
            or any(n > MAX_DIMENSION for n in tensor.shape)
            or tensor.numel() > MAX_ELEMENTS
        ):
            raise WireError(f"a tensor of shape {tuple(tensor.shape)} is too large")
        if tensor.dtype not in DTYPES:
            raise WireError(f"a tensor of dtype {tensor.dtype} is not expected")
    return tensors
