"""Printing: the beginning is kept, all of it is counted, and it never fails."""

from __future__ import annotations

import array
import contextlib
import gc
import io
import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox.inside import output


@pytest.fixture
def raw() -> output.CappedOutput:
    return output.CappedOutput()


@pytest.fixture
def stream(raw: output.CappedOutput) -> io.TextIOWrapper:
    return output.text_stream(raw)


def test_what_is_printed_is_there_at_once(raw: output.CappedOutput, stream: io.TextIOWrapper):
    print("epoch 1", file=stream)

    assert raw.take() == (8, "epoch 1\n")


def test_a_single_character_is_not_kept_back(raw: output.CappedOutput, stream: io.TextIOWrapper):
    print(".", end="", file=stream)

    assert raw.take() == (1, ".")


def test_each_taking_begins_anew(raw: output.CappedOutput, stream: io.TextIOWrapper):
    print("one", file=stream)
    raw.take()

    print("two", file=stream)

    assert raw.take() == (4, "two\n")


def test_nothing_printed_is_nothing(raw: output.CappedOutput):
    assert raw.take() == (0, "")


def test_ten_megabytes_are_counted_and_their_head_is_kept(
    raw: output.CappedOutput, stream: io.TextIOWrapper
):
    print("x" * 10**7, end="", file=stream)

    assert raw.take() == (10**7, "x" * output.KEPT_BYTES)


def test_many_small_prints_are_counted_like_a_large_one(
    raw: output.CappedOutput, stream: io.TextIOWrapper
):
    for _ in range(10_000):
        print("x", file=stream)

    count, head = raw.take()

    assert count == 20_000
    assert head == "x\n" * (output.KEPT_BYTES // 2)


def test_after_much_output_the_next_is_kept_again(
    raw: output.CappedOutput, stream: io.TextIOWrapper
):
    print("x" * 10**5, file=stream)
    raw.take()

    print("y", file=stream)

    assert raw.take() == (2, "y\n")


def test_lone_surrogates_are_printed_as_escapes(raw: output.CappedOutput, stream: io.TextIOWrapper):
    print("\ud800", end="", file=stream)

    assert raw.take() == (6, "\\ud800")


def test_a_head_that_ends_inside_a_letter_is_still_text(
    raw: output.CappedOutput, stream: io.TextIOWrapper
):
    print("x" + "卷" * output.KEPT_BYTES, end="", file=stream)

    _count, head = raw.take()

    assert head.startswith("x卷")
    head.encode()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"abc", "abc"),
        (bytearray(b"abc"), "abc"),
        (memoryview(b"abc"), "abc"),
        (array.array("H", [0x6261]), "ab"),
        (b"", ""),
        (b"\xff", "\ufffd"),
    ],
    ids=["bytes", "bytearray", "memoryview", "array", "nothing", "no UTF-8"],
)
def test_the_binary_buffer_takes_bytes_of_any_kind(
    raw: output.CappedOutput, stream: io.TextIOWrapper, data: bytes, text: str
):
    stream.buffer.write(data)

    assert raw.take() == (len(memoryview(data).cast("B")), text)


def test_text_and_bytes_keep_their_order(raw: output.CappedOutput, stream: io.TextIOWrapper):
    stream.write("a")
    stream.buffer.write(b"b")
    stream.write("c")

    assert raw.take() == (3, "abc")


def test_a_stream_that_is_collected_leaves_the_next_one_working(raw: output.CappedOutput):
    print("one", file=output.text_stream(raw))
    gc.collect()

    print("two", file=output.text_stream(raw))

    assert raw.take() == (8, "one\ntwo\n")


def test_a_stream_that_is_closed_leaves_the_next_one_working(raw: output.CappedOutput):
    output.text_stream(raw).close()

    print("two", file=output.text_stream(raw))

    assert raw.take() == (4, "two\n")


@contextlib.contextmanager
def replaced(raw: output.CappedOutput) -> Iterator[None]:
    """The standard streams of this process, replaced for a while."""
    names = ("stdout", "stderr", "stdin", "__stdout__", "__stderr__", "__stdin__")
    saved = {name: getattr(sys, name) for name in names}
    output.replace_standard_streams(raw)
    try:
        yield
    finally:
        for name, stream in saved.items():
            setattr(sys, name, stream)


def test_output_and_errors_go_to_the_same_place(raw: output.CappedOutput):
    with replaced(raw):
        print("out")
        print("err", file=sys.stderr)

    assert raw.take() == (8, "out\nerr\n")


def test_the_streams_a_student_may_restore_are_replaced_too(raw: output.CappedOutput):
    with replaced(raw):
        sys.stdout = sys.__stdout__
        print("out")

    assert raw.take() == (4, "out\n")


def test_input_is_at_its_end(raw: output.CappedOutput):
    with replaced(raw), pytest.raises(EOFError):
        input()
