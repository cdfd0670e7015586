"""Whatever arrives, in whatever pieces: a frame that was sent, or a WireError, at its own cost."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.child import Budget, Child, ChildEnded, End
from autograder.sandbox.inside import bounds, wire

# The same examples every time, however busy the machine is.
THOROUGH = settings(max_examples=200, deadline=None, derandomize=True, database=None)
ENOUGH = settings(THOROUGH, max_examples=60)

FUZZ = Path(__file__).parents[3] / "fuzz"
KEPT = sorted((FUZZ / "corpus").iterdir())

# ---- arrange: any message and any tensors -------------------------------------------------------

numbers = st.integers(-(2**63), 2**64 - 1) | st.integers(-2, 200)
texts = st.text(max_size=20)
odd_texts = st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf"]), max_size=20)
indices = st.none() | numbers
kinds = st.sampled_from(wire.KINDS)
failures = st.sampled_from(["missing", "raised", "refused", "wrong-type", "no-gradient"])


def several(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, max_size=4).map(tuple)


def results(text: st.SearchStrategy) -> st.SearchStrategy:
    """Any result, with texts of this kind."""
    status = st.builds(wire.StatementStatus, numbers, numbers, numbers, text)
    return st.one_of(
        st.builds(wire.Hello, several(text)),
        st.builds(wire.Progress, numbers, numbers, text, numbers),
        st.builds(wire.Loaded, several(status)),
        st.builds(wire.Done),
        st.builds(
            wire.Returned,
            kinds,
            text,
            indices,
            st.none() | st.floats() | text,
            text,
            st.booleans(),
            several(numbers),
        ),
        st.builds(wire.Made, numbers),
        st.builds(wire.ParameterValue, numbers, st.booleans(), st.booleans()),
        st.builds(
            wire.GradientValues,
            numbers,
            several(indices),
            st.dictionaries(text, indices, max_size=3),
        ),
        st.builds(wire.Failed, failures, text, st.dictionaries(text, text, max_size=3), text),
    )


def replies(text: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(wire.Reply, numbers, results(text), numbers, text)


arguments = several(
    st.builds(wire.TensorArgument, numbers, texts, st.booleans())
    | st.builds(wire.HandleArgument, numbers)
    | st.builds(wire.SequenceArgument, texts, several(numbers))
    | st.builds(wire.ScalarArgument, st.none() | st.booleans() | numbers | st.floats() | texts)
)
operations = st.one_of(
    st.builds(
        wire.Load,
        several(st.builds(wire.Cell, texts, texts, numbers)),
        several(st.tuples(numbers, numbers)),
        texts,
    ),
    st.builds(wire.Bind, texts, texts),
    st.builds(wire.Call, texts | numbers, arguments),
    st.builds(wire.Make, texts, st.booleans(), arguments, st.just({})),
    st.builds(wire.ReadParameter, numbers, texts),
    st.builds(wire.WriteParameter, numbers, texts, numbers),
    st.builds(wire.Gradients, texts | numbers, arguments, indices),
)
requests = st.builds(wire.Request, numbers, indices, operations)


@st.composite
def some_tensors(draw: st.DrawFn) -> list[torch.Tensor]:
    made = []
    for _ in range(draw(st.integers(0, 3))):
        shape = draw(st.lists(st.integers(0, 3), max_size=4))
        dtype = draw(st.sampled_from(sorted(wire.DTYPES, key=str)))
        count = int(torch.Size(shape).numel())
        values = draw(st.lists(st.integers(-9, 9), min_size=count, max_size=count))
        made.append(torch.tensor(values, dtype=torch.int64).to(dtype).reshape(shape))
    return made


frames = st.builds(wire.encode, replies(texts), some_tensors())


def split(frame: bytes) -> tuple[bytes, bytes]:
    """Message and tensors of a frame, as far as they are there. Raises WireError."""
    start = wire.HEADER.size
    if len(frame) < start:
        raise wire.WireError("no header")
    message_bytes, tensor_bytes = wire.sizes(frame[:start])
    middle = start + message_bytes
    return frame[start:middle], frame[middle : middle + tensor_bytes]


@st.composite
def changed(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """A frame with one thing wrong in it: cut off, or a few bytes changed, put in or left out."""
    data = bytearray(draw(originals))
    at = draw(st.integers(0, len(data)))
    new = draw(st.binary(max_size=6) | st.sampled_from(TELLING))
    data[at : at + draw(st.sampled_from([0, 1, 1, 1, 2, 4, len(data)]))] = new
    return bytes(data)


# Bytes that mean something: the greatest counts and sizes, the greatest numbers, odd texts.
TELLING = [
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\x7f\xff\xff\xff",
    b"\xdb\x00\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xcf" + b"\xff" * 8,
    b"\xcb\x7f\xf8" + bytes(6),
    b"\x91" * 2000,
    b"[" * 2000,
    b"9" * 5000,
    b"\\ud800",
    b"\xed\xa0\x80",
    b"1e999",
    b"-1",
]


def decoded_or_refused(frame: bytes) -> None:
    """Decode; anything but an answer within bounds or a WireError is the test's failure."""
    try:
        reply, tensors = wire.decode_reply(*split(frame))
    except wire.WireError as error:
        assert len(str(error)) < 2000
        return
    assert isinstance(reply, wire.Reply)
    assert len(tensors) <= bounds.MAX_TENSORS
    for tensor in tensors:
        assert tensor.dtype in wire.DTYPES
        assert not bounds.too_large(tensor.shape)
    wire.encode(reply, tensors)  # so nothing in it is more than a frame of ours can hold


# ---- what was sent arrives --------------------------------------------------------------------


@THOROUGH
@given(replies(texts), some_tensors())
def test_any_reply_arrives_as_it_was_sent(reply: wire.Reply, tensors: list[torch.Tensor]):
    frame = wire.encode(reply, tensors)

    received = wire.decode_reply(*split(frame))

    assert wire.encode(*received) == frame  # compared as bytes, where NaN equals NaN
    assert [(t.dtype, t.shape) for t in received[1]] == [(t.dtype, t.shape) for t in tensors]
    assert all(torch.equal(a, b) for a, b in zip(received[1], tensors, strict=True))


@THOROUGH
@given(requests, some_tensors())
def test_any_request_arrives_as_it_was_sent(request_: wire.Request, tensors: list[torch.Tensor]):
    frame = wire.encode(request_, tensors)

    received = wire.decode_request(*split(frame))

    assert wire.encode(*received) == frame


@THOROUGH
@given(replies(odd_texts))
def test_any_text_is_sent_and_arrives_as_text_that_can_be_written_down(reply: wire.Reply):
    received, _tensors = wire.decode_reply(*split(wire.encode(reply, [])))

    assert received.printed == reply.printed.encode("utf-8", "backslashreplace").decode()
    assert repr(received).encode()


@ENOUGH
@given(st.binary(max_size=300), st.sampled_from([0, wire.MAX_TEXT]))
def test_any_bytes_in_the_place_of_a_text_are_spelled_out_and_cut(said: bytes, before: int):
    whole = b"x" * before + said
    message = b"\x94\x01\x91\xa4done\x00\xdb" + len(whole).to_bytes(4, "big") + whole

    reply, _tensors = wire.decode_reply(message, b"")

    assert reply.printed == whole.decode("utf-8", "backslashreplace")[: wire.MAX_TEXT]


# ---- what was not sent is refused ---------------------------------------------------------------


@THOROUGH
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_garbage_is_refused_and_never_more(message: bytes, tensors: bytes):
    decoded_or_refused(wire.HEADER.pack(len(message), len(tensors)) + message + tensors)


@settings(THOROUGH, max_examples=600)
@given(changed(frames))
def test_a_frame_with_one_thing_wrong_is_refused_or_another_frame(frame: bytes):
    decoded_or_refused(frame)


@THOROUGH
@given(changed(st.builds(lambda t: wire.encode_tensors([*t, torch.ones(2)])[8:], some_tensors())))
def test_damaged_tensors_behind_a_right_size_are_refused_or_other_tensors(damaged: bytes):
    header_bytes = damaged.rfind(b"}") + 1
    blob = header_bytes.to_bytes(8, "little") + damaged
    message = b"\x94\x01\x91\xa4done\x00\xa0"

    decoded_or_refused(wire.HEADER.pack(len(message), len(blob)) + message + blob)


@THOROUGH
@given(changed(st.builds(wire.encode, requests, some_tensors())))
def test_a_request_with_one_thing_wrong_is_refused_or_another_request(frame: bytes):
    try:
        request, _tensors = wire.decode_request(*split(frame))
    except wire.WireError:
        return
    assert isinstance(request, wire.Request)


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name)
def test_a_frame_that_the_fuzzer_kept_is_read_or_refused(kept: Path):
    try_frame = runpy.run_path(str(FUZZ / "frames.py"))["try_frame"]

    read = try_frame(kept.read_bytes())

    assert read or kept.name.startswith("found-")  # a real one is still a frame of ours


# ---- what it costs ------------------------------------------------------------------------------


def peak_bytes(message: bytes, blob: bytes) -> int:
    """The most memory that decoding takes, above what was taken before."""
    tracemalloc.start()
    try:
        wire.decode_reply(message, blob)
    except wire.WireError:
        pass
    finally:
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


@ENOUGH
@given(frames, st.data())
def test_a_small_frame_costs_little_whatever_it_claims(frame: bytes, data: st.DataObject):
    message, blob = split(frame)
    at = data.draw(st.integers(0, len(message)))
    claim = data.draw(st.sampled_from([b"\xdd", b"\xdf", b"\xdb", b"\xc6", b"\xc9"]))
    count = data.draw(st.sampled_from([2**16, 2**24, 2**28, 2**32 - 1])).to_bytes(4, "big")

    assert peak_bytes(message[:at] + claim + count + message[at + 1 :], blob) < 2**20


# The largest messages, each of one kind of value over and over.
FULL = {
    "short texts": b"\x94\x01\x92\xa5hello\xdd\x00\x0f\x00\x00" + b"\xa3\xe5\x8d\xb7" * 0xF0000,
    "small numbers": b"\x94\x01\x94\xafgradient-values\x00\xdd\x00\x30\x00\x00"
    + b"\x01" * 3 * 2**20,
    "names": b"\x94\x01\x94\xafgradient-values\x00\x90\xdf\x00\x08\x00\x00"
    + b"".join(b"\xa3%03x\x00" % (i % 4096) for i in range(2**19)),
    "one text": b"\x94\x01\x91\xa4done\x00\xdb\x00\x3f\x00\x00"
    + b"x" * (0x3F0000 - 4)
    + "🙂".encode(),
    "one text that is no UTF-8": b"\x94\x01\x91\xa4done\x00\xdb\x00\x3f\x00\x00"
    + b"\xff" * 0x3F0000,
    "empty lists": b"\x94\x01\x92\xa6loaded\xdd\x00\x10\x00\x00" + b"\x90" * 2**20,
    "lists in each other": b"\x91" * bounds.MAX_MESSAGE_BYTES,
    "quoted": b"\x94\x01\x91\xdb\x00\x3f\x00\x00" + b"x" * 0x3F0000 + b"\x00\xa0",
}


@pytest.mark.parametrize("message", FULL.values(), ids=FULL.keys())
def test_the_largest_message_costs_no_more_than_a_few_of_its_size(message: bytes):
    assert len(message) <= bounds.MAX_MESSAGE_BYTES

    assert peak_bytes(message, b"") < 4 * bounds.MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    "entry", [b'"":{},', b'"0":{"dtype":"U8","shape":[],"data_offsets":[0,0]},']
)
def test_the_largest_header_of_tensors_costs_no_more_than_a_few_of_its_size(entry: bytes):
    header = b"{" + entry * (bounds.MAX_TENSOR_HEADER_BYTES // len(entry) - 1)
    header = header[:-1] + b"}"
    blob = len(header).to_bytes(8, "little") + header

    assert peak_bytes(b"\x94\x01\x91\xa4done\x00\xa0", blob) < 2**20


# ---- in pieces, as the trusted side reads them --------------------------------------------------


@pytest.fixture(scope="module")
def process() -> Iterator[int]:
    """The number of a process that does nothing and may be killed."""
    idle = subprocess.Popen(["sleep", "600"])
    yield idle.pid
    idle.kill()
    idle.wait()


class Line:
    """Both ends of a child's socket; what is sent on the far one reaches ``child``."""

    def __init__(self, process: int) -> None:
        near, self.far = socket.socketpair()
        self.child = Child(near, os.pidfd_open(process), None)

    def read(self, pieces: Sequence[bytes]) -> list[tuple[wire.Reply, list[torch.Tensor]]]:
        """The replies that have come after each piece."""
        read = []
        for piece in pieces:
            self.far.sendall(piece)
            self.child._wait(0)
            while (frame := self.child._frame()) is not None:
                read.append(frame)
        return read

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: object) -> None:
        self.far.close()
        if self.child._alive:  # as kill does, but the process is needed once more
            self.child._alive = False
            os.close(self.child._pidfd)
            self.child._sock.close()


@st.composite
def in_pieces(draw: st.DrawFn, whole: bytes) -> list[bytes]:
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    return [piece for piece in pieces if piece]


@ENOUGH
@given(st.lists(frames, max_size=3), st.data())
def test_replies_in_any_pieces_are_the_replies_that_were_sent(
    process: int, sent: list[bytes], data: st.DataObject
):
    pieces = data.draw(in_pieces(b"".join(sent)))

    with Line(process) as line:
        read = line.read(pieces)

        assert [wire.encode(*frame) for frame in read] == sent
        assert line.child._buffer == b""


def test_a_reply_byte_by_byte_is_whole_at_its_last_byte(process: int):
    frame = wire.encode(wire.Reply(1, wire.Done(), 0, "卷"), [torch.arange(3.0)])

    with Line(process) as line:
        assert line.read([bytes([byte]) for byte in frame[:-1]]) == []
        [(reply, tensors)] = line.read([frame[-1:]])

    assert reply.printed == "卷"
    assert tensors[0].tolist() == [0.0, 1.0, 2.0]


@ENOUGH
@given(changed(frames), st.data())
def test_anything_in_any_pieces_is_replies_or_the_end_of_the_child(
    process: int, garbage: bytes, data: st.DataObject
):
    pieces = data.draw(in_pieces(garbage))

    with Line(process) as line:
        try:
            read = line.read(pieces)
        except ChildEnded as error:
            assert error.reason is End.GARBAGE
            return

        assert all(isinstance(reply, wire.Reply) for reply, _tensors in read)
        assert len(line.child._buffer) <= len(garbage)


def test_a_header_that_announces_too_much_ends_the_child_before_anything_follows(process: int):
    with Line(process) as line, pytest.raises(ChildEnded) as caught:
        line.read([wire.HEADER.pack(bounds.MAX_MESSAGE_BYTES + 1, 0)])

    assert caught.value.reason is End.GARBAGE


def test_of_what_a_child_sends_unasked_no_more_than_one_read_is_kept(process: int):
    frame = wire.encode(wire.Reply(1, wire.Done(), 0, "x" * 8000), [])
    flood = frame * (2**23 // len(frame))

    with Line(process) as line:
        line.far.settimeout(5)  # so that the thread ends, whatever is left unread
        sender = threading.Thread(target=send_until_closed, args=(line.far, flood))
        sender.start()
        for _ in range(200):
            line.child.receive(1, Budget(60, 10))
            assert len(line.child._buffer) <= 2**20
        line.child._sock.close()
        sender.join()


def send_until_closed(sock: socket.socket, data: bytes) -> None:
    try:
        sock.sendall(data)
    except OSError:
        return
