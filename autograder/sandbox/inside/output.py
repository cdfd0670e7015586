"""What student code prints: the beginning is kept, all of it is counted, and no print can fail."""

from __future__ import annotations

import io
import sys
from typing import Any

KEPT_BYTES = 4096


class CappedOutput(io.RawIOBase):
    """A stream that keeps the first ``KEPT_BYTES`` since the last ``take``."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._count = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Count ``data`` and keep what fits."""
        view = memoryview(data).cast("B")
        self._head += view[: max(0, KEPT_BYTES - len(self._head))]
        self._count += len(view)
        return len(view)

    def close(self) -> None:
        """Stays open: a text stream that is collected closes what it wrote to."""

    def take(self) -> tuple[int, str]:
        """Bytes written since the last call, and the beginning of them as text."""
        taken = self._count, self._head.decode("utf-8", "replace")
        self._count = 0
        self._head.clear()
        return taken


def text_stream(raw: CappedOutput) -> io.TextIOWrapper:
    """A text stream into ``raw`` that takes any text, lone surrogates too."""
    # Straight onto the raw stream: a buffer between them keeps back the last character.
    return io.TextIOWrapper(
        raw,  # type: ignore[arg-type]  # a raw stream will do
        "utf-8",
        "backslashreplace",
        write_through=True,
    )


def replace_standard_streams(raw: CappedOutput) -> None:
    """Send everything Python prints into ``raw``; input is empty."""
    sys.stdout = sys.__stdout__ = text_stream(raw)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = text_stream(raw)  # type: ignore[misc]
    sys.stdin = sys.__stdin__ = io.StringIO()  # type: ignore[misc, assignment]
