"""How fast GitHub may be written to, and how long to wait where it says that it was too much."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from autograder.classroom.publishing.gh import Answer
from autograder.messages import _

# GitHub's documentation allows 80 new contents a minute and 500 an hour, from everything that its
# person does, and asks for a second between two writes.
WRITES = ((60.0, 30), (3600.0, 400))  # seconds, and at most so many in them
_BETWEEN_WRITES = 1.0  # seconds
_LONGEST_WAIT = 15 * 60.0  # seconds; who waits longer had better come back
_FIRST_WAIT = 60.0  # seconds, doubled with each time, where GitHub does not say how long


class Clock(Protocol):
    """The time, and how it passes."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many pass."""
        ...


class WallClock:
    """This machine's."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let so many pass."""
        time.sleep(seconds)


class TooManyError(Exception):
    """GitHub wants nothing more of us for longer than anybody waits."""


class Pace:
    """Waits before a write, and after GitHub said that there were too many.

    ``say`` is told where a wait is long enough to wonder about.
    """

    def __init__(self, clock: Clock, say: Callable[[str], None] = lambda text: None) -> None:
        self._clock = clock
        self._say = say
        self._written: deque[float] = deque(maxlen=max(most for _seconds, most in WRITES))

    def before_write(self) -> None:
        """Wait until there is room for one more write, and count it."""
        now = self._clock.now()
        until = [self._written[-1] + _BETWEEN_WRITES] if self._written else []
        until += [
            self._written[-most] + seconds for seconds, most in WRITES if len(self._written) >= most
        ]
        # A clock that is set back must not make it wait for the difference.
        wait = min(max((*until, now)) - now, max(seconds for seconds, _most in WRITES))
        self.wait(wait)
        self._written.append(self._clock.now())

    def after_too_many(self, answer: Answer, times: int) -> None:
        """Wait as long as ``answer`` says, or longer with every one of ``times``.

        Raises TooManyError where that is too long.
        """
        wait = _asked(answer, self._clock.now())
        wait = _FIRST_WAIT * 2**times if wait is None else wait
        if wait > _LONGEST_WAIT:
            raise TooManyError(
                _("GitHub allows no more for {minutes:.0f} minutes").format(minutes=wait / 60)
            )
        self.wait(max(1.0, wait))

    def wait(self, seconds: float) -> None:
        """Let so many pass."""
        if seconds <= 0:
            return
        if seconds > 10:
            self._say(_("waiting {seconds:.0f} s for GitHub").format(seconds=seconds))
        self._clock.sleep(seconds)


def is_too_many(answer: Answer) -> bool:
    """Whether ``answer`` refuses for the number of requests, and not for another reason."""
    if answer.status == 429:
        return True
    return answer.status == 403 and (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in answer.reason.casefold()
    )


def _asked(answer: Answer, now: float) -> float | None:
    """The seconds to wait that the answer names."""
    after = answer.headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return float(after)
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
        return max(0.0, float(reset) - now) + 1
    return None
