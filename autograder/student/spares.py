"""Warm processes kept ahead, so that no save waits for torch; each is used for one run."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.student.orders import Message, Order, read_message, send, work

if TYPE_CHECKING:  # the first of them is not there on Windows
    from multiprocessing.context import ForkServerContext, SpawnContext

_KEPT = 2  # so that two saves in quick succession both find one


@contextlib.contextmanager
def _control_c_ignored() -> Iterator[None]:
    """What is started now inherits it; keep it short, as one that is pressed now is lost."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Worker:
    """One warm process, ours until it is stopped."""

    def __init__(
        self,
        context: ForkServerContext | SpawnContext,
        folder: Path,
        modules: tuple[str, ...] = (),
    ) -> None:
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, str(folder), modules))
        self._process.start()
        theirs.close()

    def order(self, order: Order) -> None:
        """Let it begin."""
        with contextlib.suppress(OSError):  # it has died; its end is noticed when it is read from
            send(self.pipe, order)

    def read(self) -> Message | None:
        """What it says next, None when it has ended without a word."""
        try:
            return read_message(self.pipe)
        except (EOFError, OSError, ValueError):
            return None

    def stop(self) -> None:
        """End it with all that it has started."""
        pid = self._process.pid
        if pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # it has ended, or has no group of its own yet
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


class Spares:
    """A few workers that wait. Close it, or use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: deque[Worker] = deque()
        self._context: ForkServerContext | SpawnContext
        if sys.platform == "linux":
            # A server that has torch loaded and never runs student code makes them in no time.
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(["autograder.student.warm"])
            from multiprocessing import forkserver

            with _control_c_ignored():  # by the server, too, while it is loading
                forkserver.ensure_running()
        else:  # there is no fork, or none that is safe once torch is loaded
            self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> Spares:
        return self

    def __exit__(self, *error: object) -> None:
        self.discard()

    def fill(self, modules: tuple[str, ...] = ()) -> None:
        """Start as many as are to wait, each with ``modules`` loaded."""
        while len(self._waiting) < _KEPT:
            self._waiting.append(Worker(self._context, self._folder, modules))

    def take(self) -> Worker:
        """The one that has waited longest."""
        if not self._waiting:
            return Worker(self._context, self._folder)
        return self._waiting.popleft()

    def discard(self) -> None:
        """Stop them all: the checks that they have collected are not those of now."""
        while self._waiting:
            self._waiting.pop().stop()
