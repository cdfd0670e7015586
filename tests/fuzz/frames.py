"""One frame: what may become of it, how it is changed, and real ones to begin with."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch

from autograder.sandbox.inside import bounds, wire

MAX_FRAME_BYTES = 4096  # of a frame that is tried; what is larger is bounded by the same code

Decode = Callable[[bytes, bytes], tuple[wire.Request | wire.Reply, list[torch.Tensor]]]
Change = Callable[[bytes, int], bytes]  # bytes and the most there may be of them → other bytes

TELLING = (  # bytes that mean something to one of the parsers
    *(bytes([code]) + b"\xff" * 4 for code in (0xDD, 0xDF, 0xDB, 0xC6, 0xC9)),
    *(bytes([code]) + b"\x00\x00\xff\xff" for code in (0xDD, 0xDF, 0xDB)),
    b"\xcf" + b"\xff" * 8,
    b"\xd3\x80" + bytes(7),
    b"\xcb\x7f\xf8" + bytes(6),
    *(bytes([code]) for code in (0x80, 0x90, 0xA0, 0xC0, 0xC1, 0xC2, 0xC3, 0xD4, 0xFF)),
    b"\xed\xa0\x80",
    b"\x91" * 64,
    b'"0":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},',
    *(f'"{name}"'.encode() for name in (*"012", "__metadata__", "F64", "BOOL", "F8_E4M3", "C64")),
    *(b"%d" % n for n in (-1, 0, 1, 2**24, 2**24 + 1, 2**26 + 1, 2**63, 2**64, 10**40)),
    *(b"[0,%d]" % n for n in (2**24, 2**24 + 1, 10**15)),
    b"[" + b",".join([b"0"] * 9) + b"]",
    *(b"[", b"]", b"{", b"}", b",", b"\\ud800", b"1e9", b"null", b"true", b" "),
)


def try_frame(data: bytes) -> bool:
    """Whether ``data`` is a frame of ours. Raises what must never be raised, and AssertionError."""
    start = wire.HEADER.size
    if len(data) < start:
        return False
    try:
        message_bytes, tensor_bytes = wire.sizes(data[:start])
    except wire.WireError:
        return False
    middle = start + message_bytes
    body, blob = data[start:middle], data[middle : middle + tensor_bytes]
    return _try(wire.decode_reply, body, blob) or _try(wire.decode_request, body, blob)


def _try(
    decode: Callable[[bytes, bytes], tuple[object, list[torch.Tensor]]], *parts: bytes
) -> bool:
    try:
        message, tensors = decode(*parts)
    except wire.WireError as error:
        assert len(str(error)) < 2000, "an error that quotes all it was given"
        return False
    assert len(tensors) <= bounds.MAX_TENSORS
    for tensor in tensors:
        assert tensor.dtype in wire.DTYPES and not bounds.too_large(tensor.shape), tensor.shape
        if tensor.dtype is torch.bool:
            assert int(tensor.view(torch.uint8).sum()) == int(tensor.sum()), "a third truth value"
    again = wire.encode(message, tensors)  # fails on what cannot be written down
    size = wire.HEADER.size
    middle = size + wire.sizes(again[:size])[0]
    assert wire.encode(*decode(again[size:middle], again[middle:])) == again
    return True


def change_frame(data: bytes, change: Change, dice: random.Random) -> bytes:
    """``data`` with one part of it changed, and mostly with sizes that fit the parts.

    Without that, nearly all frames would be refused by their first eight bytes.
    """
    start = wire.HEADER.size
    message_bytes = int.from_bytes(data[:4], "little")
    room = MAX_FRAME_BYTES - min(len(data), MAX_FRAME_BYTES)
    if len(data) < start or message_bytes > len(data) or dice.random() < 0.05:
        return change(data, MAX_FRAME_BYTES)
    body, blob = data[start : start + message_bytes], data[start + message_bytes :]
    if dice.random() < 0.5:
        body = change(body, len(body) + room)
    else:
        header_bytes = int.from_bytes(blob[:8], "little")
        header, values = blob[8 : 8 + header_bytes], blob[8 + header_bytes :]
        if dice.random() < 0.8:
            header = change(header, len(header) + max(0, room - 8))
        else:
            values = change(values, len(values) + max(0, room - 8))
        blob = len(header).to_bytes(8, "little") + header + values
    return wire.HEADER.pack(len(body), len(blob)) + body + blob


def change_bytes(data: bytes, dice: random.Random) -> bytes:
    """``data`` with a few bytes changed, put in, left out, repeated or moved."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at = dice.randrange(len(changed) + 1)
        end = min(len(changed), at + dice.choice((0, 1, 1, 2, 4, 8)))
        match dice.randrange(5):
            case 0:
                changed[at:end] = dice.randbytes(end - at)
            case 1:
                changed[at:end] = dice.choice(TELLING)
            case 2:
                del changed[at:end]
            case 3:
                changed[at:at] = changed[end : end + dice.randrange(64)]
            case 4 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
    return bytes(changed)


def seeds() -> dict[str, bytes]:
    """A real frame of every kind of message, by name."""
    tensors = [torch.arange(6.0).reshape(2, 3), torch.zeros(0, 5), torch.tensor(True)]
    every_dtype = [torch.ones(2).to(dtype) for dtype in sorted(wire.DTYPES, key=str)]
    tensor = wire.TensorArgument(0, "sliced", True)
    cell = wire.Cell("def corr2d(X, K):\n    return X\n", "convolutions.py", 1)
    operations = [
        wire.Load((cell, wire.Cell("", "<cell 2>", 7)), ((0, -1), (1, 2)), "convolutions"),
        wire.Bind("corr2d", "conv2d"),
        wire.Call("corr2d", (tensor, wire.HandleArgument(3), wire.ScalarArgument(0.03))),
        wire.Call(4, (wire.SequenceArgument("size", (2, 3)), wire.ScalarArgument(None))),
        wire.Make("Conv2d", True, (wire.ScalarArgument(1),), {"bias": wire.ScalarArgument(False)}),
        wire.ReadParameter(0, "weight"),
        wire.WriteParameter(0, "weight", 0),
        wire.Gradients("corr2d", (tensor,), None),
    ]
    results = [
        wire.Hello(("landlock", "seccomp")),
        wire.Progress(1, -1, "convolutions.py", 12),
        wire.Loaded((wire.StatementStatus(0, 2, 9, "a.py:9: NameError: 卷积"),)),
        wire.Done(),
        wire.Returned("tensor", "Tensor", 0, None, "float32", True, (1, 2)),
        wire.Returned("number", "float", None, float("nan"), "", False, ()),
        wire.Returned("text", "str", None, "nan", "", False, ()),
        wire.Made(0),
        wire.ParameterValue(0, True, False),
        wire.GradientValues(0, (1, None), {"weight": 2, "bias": None}),
        wire.Failed("raised", "{name} raised", {"name": "corr2d"}, "Traceback"),
    ]
    made = {
        f"{number:02}-{type(one).__name__.lower()}": wire.encode(
            wire.Request(number, 7, one), tensors[: number % 3]
        )
        for number, one in enumerate(operations)
    }
    for number, result in enumerate(results, start=len(made)):
        reply = wire.Reply(number, result, 3, "abc")
        made[f"{number:02}-{type(result).__name__.lower()}"] = wire.encode(reply, tensors)
    made["every-dtype"] = wire.encode(wire.Reply(1, wire.Done(), 0, ""), every_dtype)
    made["long-text"] = wire.encode(wire.Reply(1, wire.Done(), 0, "x" * 3000), [])
    made["no-utf8"] = made["long-text"].replace(b"x" * 8, b"\xff\xfe\xe5\x8d\xb7\xed\xa0\x80", 9)
    return made
