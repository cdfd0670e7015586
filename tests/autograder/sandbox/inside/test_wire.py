"""Frames go across whole; whatever else arrives is a WireError, and costs nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside import wire

# The same examples every time, however busy the machine is.
THOROUGH = settings(max_examples=200, deadline=None, derandomize=True, database=None)

REQUESTS = [
    wire.Load((wire.Cell("x = 1", "a.py", 1), wire.Cell("", "<cell 2>", 7)), ((0, -1),), "a"),
    wire.Bind("corr2d", "conv2d"),
    wire.Call("corr2d", (wire.TensorArgument(0, "sliced", True), wire.HandleArgument(3))),
    wire.Call(4, (wire.SequenceArgument("size", (2, 3)), wire.ScalarArgument(None))),
    wire.Make("Conv2d", True, (wire.ScalarArgument(1),), {"bias": wire.ScalarArgument(False)}),
    wire.ReadParameter(0, "weight"),
    wire.WriteParameter(0, "weight", 0),
    wire.Gradients("corr2d", (wire.TensorArgument(0, "contiguous", True),), None),
]
RESULTS = [
    wire.Hello(("landlock", "seccomp")),
    wire.Progress(1, -1, "a.py", 12),
    wire.Loaded((wire.StatementStatus(0, 2, 9, "a.py:9: NameError: 卷积"),)),
    wire.Done(),
    wire.Returned("tensor", "Tensor", 0, None, "float32", True, (1, 2)),
    wire.Returned("number", "float", None, float("inf"), "", False, ()),
    wire.Returned("text", "str", None, "nan", "", False, ()),
    wire.Made(0),
    wire.ParameterValue(0, True, False),
    wire.GradientValues(0, (1, None), {"weight": 2, "bias": None}),
    wire.Failed("raised", "{name}", {"name": "corr2d"}, "Traceback"),
]
REPLY = wire.Reply(1, wire.GradientValues(0, (1, None), {"weight": 2}), 3, "abc")
TENSORS = [torch.arange(6.0).reshape(2, 3), torch.zeros(0), torch.tensor(True)]


# ---- arrange ------------------------------------------------------------------------------------


def split(frame: bytes) -> tuple[bytes, bytes]:
    """Message and tensors of a frame, taken apart as a receiver does."""
    start = wire.HEADER.size
    message_bytes, tensor_bytes = wire.sizes(frame[:start])
    assert len(frame) == start + message_bytes + tensor_bytes
    return frame[start : start + message_bytes], frame[start + message_bytes :]


def blob(entries: Any, data: bytes = b"") -> bytes:
    """A safetensors blob with this header, right or wrong."""
    header = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header + data


def entry(shape: list[int], size: int = 0, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    dtype = draw(st.sampled_from(sorted(wire.DTYPES, key=str)))
    count = int(torch.Size(shape).numel())
    values = draw(st.lists(st.integers(-9, 9), min_size=count, max_size=count))
    return torch.tensor(values, dtype=torch.int64).to(dtype).reshape(shape)


@st.composite
def damaged(draw: st.DrawFn, original: bytes) -> bytes:
    """``original`` cut off, or with some of its bytes changed, put in or left out."""
    data = bytearray(original[: draw(st.integers(0, len(original)))])
    if draw(st.booleans()):
        data = bytearray(original)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(data)


def decoded_or_refused(message: bytes, tensors: bytes) -> None:
    """Decode; anything but an answer or a WireError is the test's failure."""
    try:
        reply, received = wire.decode_reply(message, tensors)
    except wire.WireError:
        return
    assert isinstance(reply, wire.Reply)
    assert all(tensor.dtype in wire.DTYPES for tensor in received)


# ---- what goes across ---------------------------------------------------------------------------


@THOROUGH
@given(st.lists(tensors(), max_size=4))
def test_tensors_of_every_dtype_and_shape_arrive_as_they_were_sent(sent: list[torch.Tensor]):
    received = wire.decode_tensors(wire.encode_tensors(sent) if sent else b"")

    assert [(t.dtype, t.shape) for t in received] == [(t.dtype, t.shape) for t in sent]
    assert all(torch.equal(a, b) for a, b in zip(received, sent, strict=True))


@pytest.mark.parametrize("operation", REQUESTS, ids=lambda one: type(one).__name__)
def test_every_operation_arrives_as_it_was_sent(operation: wire.Operation):
    request = wire.Request(7, 2**63, operation)

    received, _tensors = wire.decode_request(*split(wire.encode(request, [])))

    assert received == request


@pytest.mark.parametrize("result", RESULTS, ids=lambda one: type(one).__name__)
def test_every_result_arrives_as_it_was_sent(result: wire.Result):
    reply = wire.Reply(7, result, 10, "printed\n")

    received, _tensors = wire.decode_reply(*split(wire.encode(reply, [])))

    assert received == reply


def test_nan_and_both_infinities_arrive():
    sent = torch.tensor([torch.nan, torch.inf, -torch.inf])

    (received,) = wire.decode_tensors(wire.encode_tensors([sent]))

    assert torch.equal(received.isnan(), sent.isnan())
    assert torch.equal(received[1:], sent[1:])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).t(),
        torch.arange(12.0).reshape(2, 6)[:, ::2],
        torch.ones(1).expand(2, 3),
        torch.ones(2, requires_grad=True) * 2,
    ],
    ids=["transposed", "sliced", "expanded", "in a graph"],
)
def test_a_view_arrives_as_its_values(tensor: torch.Tensor):
    (received,) = wire.decode_tensors(wire.encode_tensors([tensor]))

    assert torch.equal(received, tensor)
    assert received.is_contiguous()


def test_two_tensors_that_share_memory_arrive_as_two():
    tensor = torch.ones(2)

    first, second = wire.decode_tensors(wire.encode_tensors([tensor, tensor[:1]]))
    first += 1

    assert second.tolist() == [1.0]


def test_more_than_ten_tensors_keep_their_order():
    sent = [torch.tensor(float(i)) for i in range(12)]

    received = wire.decode_tensors(wire.encode_tensors(sent))

    assert [float(tensor) for tensor in received] == list(range(12))


# ---- the caps -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message_bytes", "tensor_bytes"),
    [(wire.MAX_MESSAGE_BYTES + 1, 0), (0, wire.MAX_TENSOR_BYTES + 1), (2**32 - 1, 2**32 - 1)],
)
def test_a_frame_above_a_cap_is_refused_by_its_header(message_bytes: int, tensor_bytes: int):
    header = wire.HEADER.pack(message_bytes, tensor_bytes)

    with pytest.raises(wire.WireError, match="too large"):
        wire.sizes(header)


def test_a_frame_at_both_caps_is_read():
    header = wire.HEADER.pack(wire.MAX_MESSAGE_BYTES, wire.MAX_TENSOR_BYTES)

    assert wire.sizes(header) == (wire.MAX_MESSAGE_BYTES, wire.MAX_TENSOR_BYTES)


def test_a_message_above_the_cap_is_not_sent():
    reply = wire.Reply(1, wire.Done(), 0, "x" * wire.MAX_MESSAGE_BYTES)

    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(reply, [])


def test_tensors_above_the_cap_are_not_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "MAX_TENSOR_BYTES", 8)

    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(wire.Reply(1, wire.Done(), 0, ""), [torch.zeros(1)])


def test_too_many_tensors_are_not_sent():
    with pytest.raises(wire.WireError, match="too many"):
        wire.encode_tensors([torch.zeros(())] * (wire.MAX_TENSORS + 1))


def test_as_many_tensors_as_allowed_arrive():
    sent = [torch.zeros(())] * wire.MAX_TENSORS

    assert len(wire.decode_tensors(wire.encode_tensors(sent))) == wire.MAX_TENSORS


REFUSED = {
    "too many tensors": {str(i): entry([0]) for i in range(wire.MAX_TENSORS + 1)},
    "another name": {"weight": entry([0])},
    "a gap in the names": {"0": entry([0]), "2": entry([0])},
    "0 by 10**15": {"0": entry([0, 10**15])},
    "a dimension of 2**63": {"0": entry([0, 2**63])},
    "a product above 2**64": {"0": entry([2**40, 2**40])},
    "a negative dimension": {"0": entry([-1])},
    "nine dimensions": {"0": entry([0] * 9)},
    "two thousand dimensions": {"0": entry([0] * 2000)},
    "data that is not there": {"0": entry([1], 4)},
    "complex": {"0": entry([0], dtype="C64")},
    "float8": {"0": entry([0], dtype="F8_E4M3")},
    "uint32": {"0": entry([0], dtype="U32")},
    "a dtype that nobody has": {"0": entry([0], dtype="F4")},
    "a list": [],
    "ten thousand brackets": b"[" * 10_000,
    "ten thousand objects": b'{"a":' * 10_000,
    "no UTF-8": b'{"\xff": 0}',
}


@pytest.mark.parametrize("header", REFUSED.values(), ids=REFUSED.keys())
def test_a_header_out_of_bounds_is_refused(header: Any):
    with pytest.raises(wire.WireError):
        wire.decode_tensors(blob(header))


def test_more_elements_than_a_check_can_want_are_refused():
    count = wire.MAX_ELEMENTS + 1
    data = blob({"0": entry([count], count, "BOOL")}, bytes(count))

    with pytest.raises(wire.WireError, match="too large"):
        wire.decode_tensors(data)


def test_a_header_larger_than_its_cap_is_refused_unread():
    data = blob(b"{}" + b" " * wire.MAX_TENSOR_HEADER_BYTES)

    with pytest.raises(wire.WireError, match="header"):
        wire.decode_tensors(data)


@pytest.mark.parametrize("size", range(1, 8))
def test_less_than_a_header_is_refused(size: int):
    with pytest.raises(wire.WireError, match="header"):
        wire.decode_tensors(bytes(size))


CLAIMS = {
    "four billion statements": b"\x94\x01\x92\xa6loaded\xdd\xff\xff\xff\xff",
    "four billion gradients": b"\x94\x01\x94\xafgradient-values\x00\x90\xdf\xff\xff\xff\xff",
    "four billion letters": b"\x94\x01\x92\xa6loaded\xdb\xff\xff\xff\xff",
    "four billion bytes of another kind": b"\xc9\xff\xff\xff\xff\x00",
    "a million lists in each other": b"\x94\x01" + b"\x91" * 10**6,
    "text that is no UTF-8": b"\x94\x01\x91\xa4done\x00\xa1\xff",
}


@pytest.mark.parametrize("message", CLAIMS.values(), ids=CLAIMS.keys())
def test_a_message_that_claims_what_it_does_not_hold_is_refused(message: bytes):
    with pytest.raises(wire.WireError):
        wire.decode_reply(message, b"")


def test_a_request_is_no_reply():
    body, tensors = split(wire.encode(wire.Request(1, None, REQUESTS[0]), []))

    with pytest.raises(wire.WireError):
        wire.decode_reply(body, tensors)


def test_a_kind_of_failure_that_we_do_not_have_is_refused():
    invented: Any = "not-run"
    body, tensors = split(wire.encode(wire.Reply(1, wire.Failed(invented, "", {}, ""), 0, ""), []))

    with pytest.raises(wire.WireError):
        wire.decode_reply(body, tensors)


# ---- garbage ------------------------------------------------------------------------------------


@THOROUGH
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_garbage_is_refused_and_never_more(message: bytes, tensors: bytes):
    decoded_or_refused(message, tensors)


@THOROUGH
@given(damaged(split(wire.encode(REPLY, TENSORS))[0]))
def test_a_damaged_message_is_refused_or_another_message(message: bytes):
    decoded_or_refused(message, b"")


@THOROUGH
@given(damaged(wire.encode_tensors(TENSORS)))
def test_damaged_tensors_are_refused_or_other_tensors(tensors: bytes):
    decoded_or_refused(split(wire.encode(REPLY, []))[0], tensors)


@THOROUGH
@given(damaged(wire.encode_tensors(TENSORS)[8:-25]))
def test_a_damaged_header_of_the_right_length_is_refused_or_another(header: bytes):
    decoded_or_refused(split(wire.encode(REPLY, []))[0], blob(header, bytes(25)))
