"""Tells of saves: the folder is watched, not the file, as editors put a new file in its place."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

_STEP_MS = 20  # how often it is looked for changes; what comes within one step is one save
_DEBOUNCE_MS = 200
_READ_AGAIN_SECONDS = 0.01
PATIENCE_SECONDS = 0.3  # with a file that is gone or empty: the editor is at it


class Saves:
    """A thread that looks at folders; ``pipe`` can be waited for. Use it in a ``with`` block."""

    def __init__(self, folders: Iterable[Path], names: Iterable[str]) -> None:
        self.pipe, self._theirs = multiprocessing.Pipe(duplex=False)
        self._folders = {folder.resolve() for folder in folders}
        self._names = frozenset(names)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Saves:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()

    def clear(self) -> bool:
        """Forget the saves so far; whether the folder is still there."""
        while self.pipe.poll():
            if self.pipe.recv_bytes() != b"saved":
                return False
        return True

    def _look(self) -> None:
        from watchfiles import watch  # here: `check` has no use for it

        with contextlib.suppress(FileNotFoundError):
            for _changes in watch(
                *self._folders,
                watch_filter=lambda change, path: Path(path).name in self._names,
                step=_STEP_MS,
                debounce=_DEBOUNCE_MS,
                stop_event=self._end,
                recursive=False,
                raise_interrupt=False,
            ):
                self._theirs.send_bytes(b"saved")
        if not self._end.is_set():
            self._theirs.send_bytes(b"gone")


def settled(paths: Sequence[Path]) -> tuple[bytes | None, ...]:
    """The contents of ``paths`` once they stay the same, None for a file that is not there."""
    patience = time.monotonic() + PATIENCE_SECONDS
    before = tuple(map(_content, paths))
    while True:
        time.sleep(_READ_AGAIN_SECONDS)
        now = tuple(map(_content, paths))
        if now == before and (all(now) or time.monotonic() > patience):
            return now
        before = now


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
