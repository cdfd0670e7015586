"""What the student's code prints while it is practised on: the end of it is kept, for reading."""

from __future__ import annotations

from typing import Any

from autograder.messages import _
from autograder.sandbox.inside import output

_SHOWN_LINES = 10


class LastPrinted(output.CappedOutput):
    """A stream that keeps the last ``KEPT_BYTES`` since the last ``take``."""

    def write(self, data: Any) -> int:
        """Count ``data`` and keep its end."""
        view = memoryview(data).cast("B")
        self._head += view[-output.KEPT_BYTES :]
        del self._head[: -output.KEPT_BYTES]
        self._count += len(view)
        return len(view)

    def last_lines(self) -> str:
        """The last lines since the last time this was asked, not escaped."""
        count, text = self.take()
        return shown_lines(text, is_cut=count > output.KEPT_BYTES)


def shown_lines(text: str, is_cut: bool = False) -> str:
    """The last lines of ``text``, which was printed; ``is_cut`` where more was before it."""
    # A progress bar goes back to the beginning of its line again and again.
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip().split("\n")]
    if is_cut or len(lines) > _SHOWN_LINES:
        lines = [_("(the end of it)"), *lines[-_SHOWN_LINES:]]
    return "\n".join(lines)
