"""What crosses the boundary: typed, bounded, non-executable bytes; the same file on both sides.

One frame is ``<u32 size of the message> <u32 size of the tensors> <message> <tensors>``, little
endian: the message is msgpack of one struct below, the tensors are one safetensors blob whose
names are "0", "1", ... Every size is checked before anything of that size is made. Requests come
from the trusted side, so the frame alone bounds them; whatever a child could make large in a reply
has a cap of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from torch import Tensor

from . import bounds
from .blob import DTYPES as DTYPES
from .blob import decode_tensors as decode_tensors
from .blob import encode_tensors as encode_tensors
from .bounds import MAX_MESSAGE_BYTES as MAX_MESSAGE_BYTES
from .bounds import MAX_TEXT as MAX_TEXT
from .bounds import WireError as WireError
from .bounds import refused
from .texts import readable

HEADER = struct.Struct("<II")
KINDS = ("tensor", "vector", "number", "text", "none", "other")


class _Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sent as an array of exactly its fields: nothing is skipped, so nothing unread can nest."""


# --- arguments, from the check to the student's code -------------------------------------------


class TensorArgument(_Message, frozen=True, tag="tensor"):
    """A tensor by its index; ``layout`` is contiguous, transposed or sliced."""

    index: int
    layout: str
    requires_grad: bool


class HandleArgument(_Message, frozen=True, tag="handle"):
    """An object made earlier in the same check."""

    handle: int


class SequenceArgument(_Message, frozen=True, tag="sequence"):
    """Whole numbers in a tuple, list or torch.Size (``container`` "size")."""

    container: str
    items: tuple[int, ...]


class ScalarArgument(_Message, frozen=True, tag="scalar"):
    """A number, a text, a truth value or None."""

    value: bool | int | float | str | None


Argument = TensorArgument | HandleArgument | SequenceArgument | ScalarArgument


# --- the seven operations ----------------------------------------------------------------------


class Cell(_Message, frozen=True):
    """Source text of one cell; ``name`` and ``first_line`` say where it stands in the file."""

    source: str
    name: str
    first_line: int


class Load(_Message, frozen=True, tag="load"):
    """Run the cells in order, statement by statement, but for those in ``skip``.

    ``skip`` holds (cell, statement); statement -1 is the parsing of the cell. Where ``tells``, each
    statement is told before it runs.
    """

    cells: tuple[Cell, ...]
    skip: tuple[tuple[int, int], ...]
    module: str
    tells: bool = True


class Bind(_Message, frozen=True, tag="bind"):
    """Bind ``name``, before the cells run, to an allow-listed torch function."""

    name: str
    function: str


class Call(_Message, frozen=True, tag="call"):
    """Call a function by name, or a made object by handle."""

    target: str | int
    args: tuple[Argument, ...]


class Make(_Message, frozen=True, tag="make"):
    """Make an object of the student's class, or of an allowed class of torch.nn."""

    class_name: str
    torch_layer: bool
    args: tuple[Argument, ...]
    options: Mapping[str, Argument]


class ReadParameter(_Message, frozen=True, tag="read"):
    """Read a registered parameter."""

    handle: int
    name: str


class WriteParameter(_Message, frozen=True, tag="write"):
    """Write a registered parameter in place."""

    handle: int
    name: str
    tensor: int


class Gradients(_Message, frozen=True, tag="gradients"):
    """Gradients of ``(result * upstream).sum()`` to arguments and parameters."""

    target: str | int
    args: tuple[Argument, ...]
    upstream: int | None


Operation = Load | Bind | Call | Make | ReadParameter | WriteParameter | Gradients


class Request(_Message, frozen=True):
    """One operation. ``seed`` begins a new check: seeds set, handles forgotten."""

    id: int
    seed: int | None
    operation: Operation


# --- answers -----------------------------------------------------------------------------------


class StatementStatus(_Message, frozen=True):
    """What became of one statement that did not run to its end."""

    cell: int
    statement: int
    line: int
    message: str


class Hello(_Message, frozen=True, tag="hello"):
    """Sent once, before any student code runs: the layers that are active around it."""

    layers: Annotated[tuple[str, ...], Meta(max_length=bounds.MAX_LAYERS)]


class Progress(_Message, frozen=True, tag="progress"):
    """The statement that begins now; sent while loading, so that time is counted for each.

    ``name`` and ``line`` say where it stands in the file.
    """

    cell: int
    statement: int
    name: str
    line: int


class Loaded(_Message, frozen=True, tag="loaded"):
    """All cells were run; the statements that failed."""

    failed: Annotated[tuple[StatementStatus, ...], Meta(max_length=bounds.MAX_FAILED_STATEMENTS)]


class Done(_Message, frozen=True, tag="done"):
    """Done, with nothing to tell."""


class Returned(_Message, frozen=True, tag="returned"):
    """What a call gave back, and its tensor arguments as they are after it."""

    kind: Literal["tensor", "vector", "number", "text", "none", "other"]
    type_name: str
    tensor: int | None
    scalar: float | str | None
    dtype: str
    holds_graph: bool
    arguments: Annotated[tuple[int, ...], Meta(max_length=bounds.MAX_TENSORS)]


class Made(_Message, frozen=True, tag="made"):
    """The made object's handle."""

    handle: int


class ParameterValue(_Message, frozen=True, tag="parameter"):
    """A registered parameter."""

    tensor: int
    requires_grad: bool
    same_object: bool


class GradientValues(_Message, frozen=True, tag="gradient-values"):
    """Tensors by index; None where autograd finds no path."""

    value: int
    arguments: Annotated[tuple[int | None, ...], Meta(max_length=bounds.MAX_TENSORS)]
    parameters: Annotated[Mapping[str, int | None], Meta(max_length=bounds.MAX_PARAMETERS)]


class Failed(_Message, frozen=True, tag="failed"):
    """The student's code did not answer; ``kind`` is a value of errors.FailureKind.

    ``sentence`` is one of ``words.ALL``, ``values`` go into its braces.
    """

    kind: Literal["missing", "not-begun", "raised", "refused", "wrong-type", "no-gradient"]
    sentence: str
    values: Annotated[Mapping[str, str], Meta(max_length=bounds.MAX_WORDS)]
    detail: str


Result = (
    Hello | Progress | Loaded | Done | Returned | Made | ParameterValue | GradientValues | Failed
)


class Reply(_Message, frozen=True):
    """One answer; ``printed_bytes`` since the last one, and the beginning of what was printed."""

    id: int
    result: Result
    printed_bytes: int
    printed: str


# --- frames ------------------------------------------------------------------------------------

_T = TypeVar("_T")

_encoder = msgspec.msgpack.Encoder(enc_hook=str.__str__)  # a text of a class of the student's
_request_decoder = msgspec.msgpack.Decoder(Request)
_reply_decoder = msgspec.msgpack.Decoder(Reply)


def encode(message: Request | Reply, tensors: Sequence[Tensor]) -> bytes:
    """One frame. ``tensors`` are dense CPU tensors of a dtype in ``DTYPES``."""
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError:  # a lone surrogate somewhere: student code may name things so
        body = _encoder.encode(_spelled_out(msgspec.to_builtins(message, enc_hook=str.__str__)))
    if len(body) > bounds.MAX_MESSAGE_BYTES:
        raise WireError(f"a message of {len(body)} bytes is too large")
    blob = encode_tensors(tensors) if tensors else b""
    if len(blob) > bounds.MAX_TENSOR_BYTES:
        raise WireError(f"tensors of {len(blob)} bytes are too large")
    return HEADER.pack(len(body), len(blob)) + body + blob


def sizes(header: bytes) -> tuple[int, int]:
    """Sizes of message and tensors in bytes. Raises WireError above the caps."""
    message_bytes, tensor_bytes = HEADER.unpack(header)
    if message_bytes > bounds.MAX_MESSAGE_BYTES or tensor_bytes > bounds.MAX_TENSOR_BYTES:
        raise WireError(f"a frame of {message_bytes} + {tensor_bytes} bytes is too large")
    return message_bytes, tensor_bytes


def decode_request(body: bytes, blob: bytes) -> tuple[Request, list[Tensor]]:
    """The request in a frame. Raises WireError."""
    try:
        return _decoded(_request_decoder, body), decode_tensors(blob)
    except UnicodeDecodeError as error:
        raise refused("not a request", error) from None


def decode_reply(body: bytes, blob: bytes) -> tuple[Reply, list[Tensor]]:
    """The reply in a frame, its texts at most ``MAX_TEXT`` characters. Raises WireError."""
    if len(body) > MAX_TEXT:  # else no text in it can be too long
        body = readable(body)
    try:
        return _decoded(_reply_decoder, body), decode_tensors(blob)
    except UnicodeDecodeError:
        return _decoded(_reply_decoder, readable(body)), decode_tensors(blob)


def _decoded(decoder: msgspec.msgpack.Decoder[_T], body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise refused("not a message", error) from None


def _spelled_out(value: Any) -> Any:
    """``value`` with the lone surrogates in its texts as backslashes and digits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_spelled_out(key): _spelled_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled_out(item) for item in value]
    return value
