"""How a long command is stopped. Loads nothing, so that it holds from the first moment."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograder import escape
from autograder.messages import _


@contextmanager
def interruptible(how_to_go_on: str) -> Iterator[None]:
    """Ctrl-C, and being asked to end, leave in order and say how to go on.

    A second one does not disturb the first.
    """

    def stop(number: int, frame: object) -> None:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        raise _StoppedError(number)

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _StoppedError as stopped:
        text = _("stopped; what is graded is kept, and {how}").format(how=how_to_go_on)
        print(escape.lines(text), file=sys.stderr)
        raise SystemExit(128 + stopped.number) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _StoppedError(BaseException):
    """Raised wherever the program is; no ``except Exception`` takes it for an error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
