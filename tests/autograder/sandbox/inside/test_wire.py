"""Frames go across whole; whatever else arrives is a WireError, and costs nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from autograder.sandbox.inside import blob as blob_module
from autograder.sandbox.inside import bounds, wire

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


@pytest.fixture
def nothing_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test fails where a blob comes so far that tensors are made of it."""
    monkeypatch.setattr(blob_module, "deserialize", lambda data: pytest.fail("it was read"))


# ---- what goes across ---------------------------------------------------------------------------


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
    [(bounds.MAX_MESSAGE_BYTES + 1, 0), (0, bounds.MAX_TENSOR_BYTES + 1), (2**32 - 1, 2**32 - 1)],
)
def test_a_frame_above_a_cap_is_refused_by_its_header(message_bytes: int, tensor_bytes: int):
    header = wire.HEADER.pack(message_bytes, tensor_bytes)

    with pytest.raises(wire.WireError, match="too large"):
        wire.sizes(header)


def test_a_frame_at_both_caps_is_read():
    header = wire.HEADER.pack(bounds.MAX_MESSAGE_BYTES, bounds.MAX_TENSOR_BYTES)

    assert wire.sizes(header) == (bounds.MAX_MESSAGE_BYTES, bounds.MAX_TENSOR_BYTES)


def test_a_message_above_the_cap_is_not_sent():
    reply = wire.Reply(1, wire.Done(), 0, "x" * bounds.MAX_MESSAGE_BYTES)

    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(reply, [])


def test_tensors_above_the_cap_are_not_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounds, "MAX_TENSOR_BYTES", 8)

    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(wire.Reply(1, wire.Done(), 0, ""), [torch.zeros(1)])


def test_too_many_tensors_are_not_sent():
    with pytest.raises(wire.WireError, match="too many"):
        wire.encode_tensors([torch.zeros(())] * (bounds.MAX_TENSORS + 1))


def test_as_many_tensors_as_allowed_arrive():
    sent = [torch.zeros(())] * bounds.MAX_TENSORS

    assert len(wire.decode_tensors(wire.encode_tensors(sent))) == bounds.MAX_TENSORS


REFUSED = {
    "too many tensors": {str(i): entry([0]) for i in range(bounds.MAX_TENSORS + 1)},
    "another name": {"weight": entry([0])},
    "a gap in the names": {"0": entry([0]), "2": entry([0])},
    "0 by 10**15": {"0": entry([0, 10**15])},
    "a dimension of 2**63": {"0": entry([0, 2**63])},
    "a product above 2**64": {"0": entry([2**40, 2**40])},
    "a negative dimension": {"0": entry([-1])},
    "nine dimensions": {"0": entry([0] * 9)},
    "two thousand dimensions": {"0": entry([0] * 2000)},
    "data that is not there": {"0": entry([1], 4)},
    "data before it": {"0": {"dtype": "F32", "shape": [0], "data_offsets": [4, 4]}},
    "an end before its beginning": {"0": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}},
    "an offset below zero": {"0": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}},
    "an offset above 64 bits": {"0": {"dtype": "F32", "shape": [], "data_offsets": [0, 2**70]}},
    "an offset of 60,000 digits": b'{"0":{"dtype":"F32","shape":[],"data_offsets":[0,'
    + b"9" * 60_000
    + b"]}}",
    "a dimension that is no whole number": {"0": entry([0.5])},  # type: ignore[list-item]
    "a dimension that is a truth value": {"0": entry([False])},
    "three offsets": {"0": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0, 0]}},
    "no shape": {"0": {"dtype": "F32", "data_offsets": [0, 0]}},
    "a field of another name": {"0": entry([0]) | {"more": 0}},
    "an entry within the field of another name": {"0": entry([0]) | {"more": entry([0])}},
    "metadata": {"__metadata__": {"a": "b"}, "0": entry([0])},
    "a name with a zero before it": {"00": entry([0])},
    "something after it": b'{"0":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}x',
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
def test_a_header_out_of_bounds_is_refused(header: Any, nothing_made: None):
    with pytest.raises(wire.WireError):
        wire.decode_tensors(blob(header))


PLACES = {
    "one over another": ([0, 4], [0, 4], 4),
    "a gap": ([0, 4], [8, 12], 12),
    "a part of the other": ([0, 4], [2, 6], 6),
    "more than there is": ([0, 4], [4, 8], 7),
    "less than there is": ([0, 4], [4, 8], 9),
    "one of another size than its shape": ([0, 4], [4, 12], 12),
}


@pytest.mark.parametrize(("first", "second", "size"), PLACES.values(), ids=PLACES.keys())
def test_tensors_that_do_not_lie_side_by_side_are_refused(
    first: list[int], second: list[int], size: int, nothing_made: None
):
    header = {
        name: {"dtype": "F32", "shape": [1], "data_offsets": offsets}
        for name, offsets in (("0", first), ("1", second))
    }

    with pytest.raises(wire.WireError):
        wire.decode_tensors(blob(header, bytes(size)))


def test_tensors_in_any_order_are_read_by_their_names():
    header = {
        "1": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
        "0": {"dtype": "U8", "shape": [1], "data_offsets": [2, 3]},
        "2": {"dtype": "F64", "shape": [3, 0], "data_offsets": [2, 2]},
    }

    first, second, third = wire.decode_tensors(blob(header, b"\x01\x02\x03"))

    assert (first.tolist(), second.tolist(), third.shape) == ([3], [1, 2], (3, 0))


def test_a_shape_given_twice_is_refused():
    twice = b'{"0":{"dtype":"F32","shape":[9],"shape":[0],"data_offsets":[0,0]}}'

    with pytest.raises(wire.WireError):
        wire.decode_tensors(blob(twice))


def test_a_header_that_two_parsers_read_in_two_ways_is_refused(monkeypatch: pytest.MonkeyPatch):
    sent = wire.encode_tensors([torch.zeros(2)])
    other = ("0", {"dtype": "F32", "shape": [1, 2], "data": bytearray(8)})
    monkeypatch.setattr(blob_module, "deserialize", lambda data: [other])

    with pytest.raises(wire.WireError, match="two ways"):
        wire.decode_tensors(sent)


def test_an_empty_tensor_within_the_caps_arrives():
    sent = torch.zeros(0, bounds.MAX_DIMENSION, 3)

    (received,) = wire.decode_tensors(wire.encode_tensors([sent]))

    assert received.shape == sent.shape


def test_a_truth_value_is_0_or_1():
    data = blob({"0": entry([2], 2, "BOOL")}, b"\x01\x02")

    with pytest.raises(wire.WireError, match="truth value"):
        wire.decode_tensors(data)


def test_memory_that_was_never_written_is_sent_as_truth_values():
    never_written = torch.tensor([0, 1, 7], dtype=torch.uint8).view(torch.bool)

    (received,) = wire.decode_tensors(wire.encode_tensors([never_written]))

    assert received.tolist() == [False, True, True]


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(0, 10**15),
        torch.zeros([1] * 9),
        torch.zeros(1).expand(2**23),
        torch.zeros(1, dtype=torch.complex64),
    ],
    ids=["0 by 10**15", "nine dimensions", "expanded to 2**23", "complex"],
)
def test_a_tensor_that_would_be_refused_is_not_sent(tensor: torch.Tensor):
    with pytest.raises(wire.WireError):
        wire.encode_tensors([tensor])


def test_expanded_tensors_are_counted_before_they_are_copied():
    expanded = torch.zeros(1, dtype=torch.float64).expand(bounds.MAX_ELEMENTS)

    with pytest.raises(wire.WireError, match="too large"):
        wire.encode_tensors([expanded] * 3)


def test_more_elements_than_a_check_can_want_are_refused():
    count = bounds.MAX_ELEMENTS + 1
    data = blob({"0": entry([count], count, "BOOL")}, bytes(count))

    with pytest.raises(wire.WireError, match="too large"):
        wire.decode_tensors(data)


def test_a_header_larger_than_its_cap_is_refused_unread():
    data = blob(b"{}" + b" " * bounds.MAX_TENSOR_HEADER_BYTES)

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
    "a gigabyte of statements": b"\x94\x01\x92\xa6loaded\xdd\x08\x00\x00\x00",
    "more text than there is": b"\x94\x01\x91\xa4done\x00\xdb\x00\x00\x00\x09\xff",
    "more long text than there is": b"\x94\x01\x91\xa4done\x00\xdb\x00\x00\xff\xff" + b"x" * 9000,
    "long texts among bytes": b"\x94\x01\x91\xa4done\x00\xc6\x00\x00\x23\x28" + b"\xa0" * 9000,
    "lists in what nobody reads": b"\x95\x01\x91\xa4done\x00\xa0" + b"\x91" * 10**6,
    "a field too many": b"\x95\x01\x91\xa4done\x00\xa0\x00",
    "a field too few": b"\x93\x01\x91\xa4done\x00",
    "two messages": b"\x94\x01\x91\xa4done\x00\xa0" * 2,
    "bytes for a text": b"\x94\x01\x91\xa4done\x00\xc4\x01x",
    "an extension": b"\x94\x01\xd4\x00\x00\x00\xa0",
    "a time": b"\x94\xd6\xff\x00\x00\x00\x00\x91\xa4done\x00\xa0",
    "a number for a list": b"\x94\x01\x92\xa6loaded\x01\x00\xa0",
    "a fraction for a number": b"\x94\xca\x3f\x80\x00\x00\x91\xa4done\x00\xa0",
    "NaN for a number": b"\x94\xca\x7f\xc0\x00\x00\x91\xa4done\x00\xa0",
    "a tag that is no UTF-8": b"\x94\x01\x91\xa4don\xff\x00\xa0",
    "a byte that is never used": b"\xc1",
    "nothing": b"",
}


@pytest.mark.parametrize("message", CLAIMS.values(), ids=CLAIMS.keys())
def test_a_message_that_claims_what_it_does_not_hold_is_refused(message: bytes):
    with pytest.raises(wire.WireError):
        wire.decode_reply(message, b"")


COUNTED = {
    "layers": wire.Hello(("x",) * (bounds.MAX_LAYERS + 1)),
    "statements": wire.Loaded(
        (wire.StatementStatus(0, 0, 1, ""),) * (bounds.MAX_FAILED_STATEMENTS + 1)
    ),
    "arguments": wire.Returned("none", "", None, None, "", False, (0,) * (bounds.MAX_TENSORS + 1)),
    "gradients": wire.GradientValues(0, (None,) * (bounds.MAX_TENSORS + 1), {}),
    "parameters": wire.GradientValues(
        0, (), dict.fromkeys(map(str, range(bounds.MAX_PARAMETERS + 1)))
    ),
    "words": wire.Failed("raised", "", {str(i): "" for i in range(bounds.MAX_WORDS + 1)}, ""),
}


@pytest.mark.parametrize("result", COUNTED.values(), ids=COUNTED.keys())
def test_one_more_of_anything_than_a_reply_may_hold_is_refused(result: wire.Result):
    body, _tensors = split(wire.encode(wire.Reply(1, result, 0, ""), []))

    with pytest.raises(wire.WireError, match="of length <="):
        wire.decode_reply(body, b"")


def test_a_message_of_more_values_than_any_of_ours_is_refused_before_they_are_made():
    message = b"\x94\x01\x92\xa5hello\xdd\x00\x10\x00\x00" + b"\xa3\xe5\x8d\xb7" * 2**20

    with pytest.raises(wire.WireError, match="more than"):
        wire.decode_reply(message, b"")


def test_a_name_given_twice_counts_once():
    named = b"\x82\xa1w\x00\xa1w\x01"
    message = b"\x94\x01\x94\xafgradient-values\x00\x90" + named + b"\x00\xa0"

    reply, _tensors = wire.decode_reply(message, b"")

    assert reply.result == wire.GradientValues(0, (), {"w": 1})


def test_what_a_parser_quotes_is_cut_and_spelled_out():
    tag = b"\x1b" * 60_000
    message = b"\x94\x01\x91\xdb" + len(tag).to_bytes(4, "big") + tag + b"\x00\xa0"

    with pytest.raises(wire.WireError) as caught:
        wire.decode_reply(message, b"")

    assert len(str(caught.value)) < 1000
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "message",
    [b"\x93\x01\xc0" + b"\x91" * 10**6, b"\x91" * 10**6, b"\x93\x01\xc0\x93\xa4bind\xa1\xff\xa0"],
    ids=["lists after nothing", "lists", "no UTF-8"],
)
def test_a_request_that_is_none_is_refused_the_same_way(message: bytes):
    with pytest.raises(wire.WireError):
        wire.decode_request(message, b"")


def test_a_request_is_no_reply():
    body, tensors = split(wire.encode(wire.Request(1, None, REQUESTS[0]), []))

    with pytest.raises(wire.WireError):
        wire.decode_reply(body, tensors)


def test_a_kind_of_failure_that_we_do_not_have_is_refused():
    invented: Any = "not-run"
    body, tensors = split(wire.encode(wire.Reply(1, wire.Failed(invented, "", {}, ""), 0, ""), []))

    with pytest.raises(wire.WireError):
        wire.decode_reply(body, tensors)


# ---- texts --------------------------------------------------------------------------------------


def test_a_text_that_is_no_utf8_arrives_spelled_out():
    reply, _tensors = wire.decode_reply(b"\x94\x01\x91\xa4done\x00\xa5a\xff\xed\xa0\x80", b"")

    assert reply == wire.Reply(1, wire.Done(), 0, r"a\xff\xed\xa0\x80")


def test_texts_that_are_no_utf8_leave_the_rest_of_the_reply_as_it_is():
    sent = wire.Reply(
        300, wire.Failed("raised", "{n}", {"n": "~", "卷": "积"}, "x" * 300), 2**40, "~"
    )
    body, _tensors = split(wire.encode(sent, []))

    received, _tensors = wire.decode_reply(body.replace(b"~", b"\xfe"), b"")

    failed = wire.Failed("raised", "{n}", {"n": r"\xfe", "卷": "积"}, "x" * 300)
    assert received == wire.Reply(300, failed, 2**40, r"\xfe")


@pytest.mark.parametrize("letter", ["a", "é", "卷", "🙂"])
def test_a_long_text_is_cut_to_its_cap(letter: str):
    sent = wire.Reply(1, wire.Failed("raised", "", {"name": letter * 9000}, letter * 9000), 0, "b")

    received, _tensors = wire.decode_reply(*split(wire.encode(sent, [])))

    cut = letter * wire.MAX_TEXT
    assert received == wire.Reply(1, wire.Failed("raised", "", {"name": cut}, cut), 0, "b")


def test_a_long_reply_of_numbers_of_every_size_arrives_exactly():
    numbers = [
        0,
        127,
        128,
        255,
        2**8,
        2**16,
        2**32,
        2**64 - 1,
        -1,
        -33,
        -(2**15),
        -(2**31),
        -(2**63),
    ]
    statuses = tuple(wire.StatementStatus(n, n, n, "x" * 900) for n in numbers)
    named = {f"layer{i}.weight": None if i % 2 else i for i in range(500)}

    for result in (
        wire.Loaded(statuses),
        wire.GradientValues(0, (None, 1), named),
        wire.Returned("number", "x" * 8000, None, 0.1, "y" * 8000, True, (1, 2)),
    ):
        sent = wire.Reply(1, result, 0, "z" * 300)
        received, _tensors = wire.decode_reply(*split(wire.encode(sent, [])))

        assert received == sent


@pytest.mark.parametrize("odd", ["\ud800", "a\udfffb", "\ud83d\ude00"])
def test_a_lone_surrogate_anywhere_is_sent_spelled_out(odd: str):
    sent = wire.Reply(1, wire.Failed("raised", "", {odd: odd}, odd), 3, odd)

    received, _tensors = wire.decode_reply(*split(wire.encode(sent, [])))

    told = odd.encode("utf-8", "backslashreplace").decode()
    assert received == wire.Reply(1, wire.Failed("raised", "", {told: told}, told), 3, told)


@pytest.mark.parametrize("result", RESULTS, ids=lambda one: type(one).__name__)
def test_the_rest_of_a_reply_with_a_lone_surrogate_is_sent_as_ever(result: wire.Result):
    received, _tensors = wire.decode_reply(
        *split(wire.encode(wire.Reply(7, result, 0, "\ud800"), []))
    )

    assert received == wire.Reply(7, result, 0, r"\ud800")


def test_a_text_of_a_class_of_its_own_is_sent_as_text():
    class Name(str):
        def __str__(self) -> str:
            return "another"

    sent = wire.GradientValues(0, (), {Name("weight"): None})
    reply = wire.Reply(1, sent, 0, Name("printed"))

    received, _tensors = wire.decode_reply(*split(wire.encode(reply, [])))

    assert received == wire.Reply(1, wire.GradientValues(0, (), {"weight": None}), 0, "printed")


def test_a_nul_is_a_character_like_any_other():
    sent = wire.Reply(1, wire.Done(), 0, "a\0b")

    assert wire.decode_reply(*split(wire.encode(sent, [])))[0] == sent
