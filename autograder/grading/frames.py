"""Submissions to a grading process and reports back: frames of msgpack over a pipe."""

from __future__ import annotations

import os

import msgspec

from autograder.report import Report
from autograder.submission import Submission

_LENGTH = 4  # bytes before each frame


class Said(msgspec.Struct, frozen=True):
    """What a grading process says: that it is ready, and with what setup; or one report."""

    report: Report | None = None
    setup: str = ""  # the `setup_key` of what it grades with


_encoder = msgspec.msgpack.Encoder()
_said = msgspec.msgpack.Decoder(Said)
_submission = msgspec.msgpack.Decoder(Submission)


def encode(message: msgspec.Struct) -> bytes:
    """What goes into one frame."""
    return _encoder.encode(message)


def decode_submission(data: bytes) -> Submission:
    """What `encode` made bytes of. Raises msgspec.DecodeError."""
    return _submission.decode(data)


def send(pipe: int, message: Said | Submission) -> None:
    """Write one frame. Raises OSError where nobody reads it."""
    data = encode(message)
    frame = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
    while frame:
        frame = frame[os.write(pipe, frame) :]


def receive_said(pipe: int) -> Said | None:
    """The next frame; None where the other end has closed, be it in the middle of one."""
    data = _frame(pipe)
    return None if data is None else _said.decode(data)


def receive_submission(pipe: int) -> Submission | None:
    """The next frame; None where the other end has closed, be it in the middle of one."""
    data = _frame(pipe)
    return None if data is None else decode_submission(data)


def _frame(pipe: int) -> bytes | None:
    length = _exactly(pipe, _LENGTH)
    return None if length is None else _exactly(pipe, int.from_bytes(length, "little"))


def _exactly(pipe: int, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        got = os.read(pipe, min(count - len(data), 2**20))
        if not got:
            return None
        data += got
    return bytes(data)
