"""``autograder watch``: the checks again at every save, in a process that has waited for it."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Sequence
from multiprocessing import connection
from pathlib import Path
from typing import TextIO

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _, ngettext
from autograder.student.orders import Alive, Order
from autograder.student.released import find_released, form_names, read_released, students_file
from autograder.student.saves import PATIENCE_SECONDS, Saves, settled
from autograder.student.screen import Line, Span, fitted, line, screen_of, write
from autograder.student.spares import Spares, Worker

_CHECKS = ("conftest.py", "test_visible.py")
# So many times what practice allows a statement or a check: what is silent for longer is stuck
# where no alarm reaches it, and is ended.
_PATIENCE = 6.0
_SILENT_SECONDS = 0.5  # so long the page of the run before may stand while a new one goes on
_START_SECONDS = 120.0  # to load torch, where no process has been waiting


class _Seen(msgspec.Struct, frozen=True):
    """What a run was started with: the same again is no new save."""

    path: Path
    saved_ns: int
    data: bytes
    checks: tuple[bytes | None, ...]


def watch(start: Path, stream: TextIO) -> None:
    """Check the file that ``start``, a file or folder, leads to at every save, until Control-C.

    Raises:
        OperatorError: It belongs to no assignment's folder, or that folder is gone; or it is the
            name of a file that is not there.
    """
    folder, released = find_released(start)
    if not start.is_dir():
        students_file(start, released)
    names = (*_CHECKS, *(form_names(released) if start.is_dir() else (start.name,)))
    places = (folder, start if start.is_dir() else start.parent)
    for name in ("SIGTERM", "SIGHUP"):  # the terminal was closed: as Control-C
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        with Spares(folder) as spares, Saves(places, names) as saves:
            watching = _Watch(start, folder, spares, stream)
            try:
                watching.run(saves)
            finally:
                watching.stop()
    except KeyboardInterrupt:
        write([line(""), line(_("stopped watching"))], stream, screen_of(stream))


class _Watch:
    def __init__(self, start: Path, folder: Path, spares: Spares, stream: TextIO) -> None:
        self._start = start
        self._folder = folder
        self._spares = spares
        self._stream = stream
        self._seen: _Seen | None = None
        self._checks: tuple[bytes | None, ...] | None = None
        self._patience_seconds = 60.0
        self._error = ""  # the last one shown, so that it is shown once
        self._worker: Worker | None = None
        self._began = 0.0  # of the run that goes on
        self._deadline = 0.0
        self._speaks = 0.0  # when it is to be said that one goes on; 0.0 once it was

    def run(self, saves: Saves) -> None:
        """Until Control-C."""
        if self._stream.isatty():
            write([line(_("starting …"))], self._stream, screen_of(self._stream))
        self._look()
        while True:
            pipes = [saves.pipe, *([self._worker.pipe] if self._worker else [])]
            ready = connection.wait(pipes, self._left())
            if saves.pipe in ready:
                if not saves.clear():
                    raise OperatorError(
                        _("{folder}: is gone\n  fix: run this where your file lies now").format(
                            folder=self._folder
                        )
                    )
                self._look()
            elif ready:
                self._listen()
            elif self._worker is not None and time.monotonic() >= self._deadline:
                self._end(_("stopped: it ran too long; is there a loop that never ends?"))
            if self._worker is not None and self._speaks and time.monotonic() >= self._speaks:
                self._say_checking()

    def stop(self) -> None:
        """End the run that goes on, if there is one."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def _left(self) -> float | None:
        """Seconds until there is something to do though nothing happens."""
        if self._worker is None:
            return None
        until = min(self._deadline, self._speaks or self._deadline)
        return max(0.0, until - time.monotonic())

    def _look(self) -> None:
        """Begin a run where there is something new."""
        try:
            seen, about = self._find()
        except OperatorError as error:
            self.stop()
            self._seen = None
            if str(error) != self._error:
                self._error = str(error)
                self._show([line(one) for one in escape.lines(error).split("\n")])
            return
        if seen == self._seen:
            return
        self.stop()
        self._seen, self._error = seen, ""
        self._began = time.monotonic()
        self._worker = self._spares.take()
        self._worker.order(Order(seen.path.name, seen.data, screen_of(self._stream), about))
        self._deadline = self._began + self._patience_seconds + _START_SECONDS
        self._speaks = self._began + _SILENT_SECONDS

    def _find(self) -> tuple[_Seen, str]:
        """The file as it is saved now, and what to say of it.

        Raises OperatorError where there is none to be read.
        """
        patience = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                seen, about = self._find_now()
                gone = self._gone(seen.path)
                if not gone:
                    return seen, about
                if time.monotonic() > patience:
                    return seen, _("{file} is gone").format(file=gone)
            except (OSError, OperatorError) as error:  # the editor is about to put it there
                if time.monotonic() > patience:
                    if isinstance(error, OperatorError):
                        raise
                    raise OperatorError(
                        _("{file}: cannot be read: {why}").format(
                            file=self._start, why=error.strerror
                        )
                    ) from error
            time.sleep(PATIENCE_SECONDS / 10)

    def _gone(self, path: Path) -> str:
        """The file that was checked before ``path``, where it is there no more."""
        before = self._seen.path if self._seen else path
        return before.name if before != path and not before.exists() else ""

    def _find_now(self) -> tuple[_Seen, str]:
        released = read_released(self._folder)
        path, about = students_file(self._start, released)
        data, *checks = settled((path, *(self._folder / name for name in _CHECKS)))
        if data is None:
            data = path.read_bytes()  # raises what is wrong
        if tuple(checks) != self._checks:
            self._checks = tuple(checks)
            self._spares.discard()  # they have collected other checks
            limits = released.limits
            self._patience_seconds = _PATIENCE * max(
                limits.statement_cpu_seconds, limits.check_cpu_seconds
            )
        return _Seen(path, path.stat().st_mtime_ns, data, tuple(checks)), about

    def _listen(self) -> None:
        """Take in what the run says."""
        assert self._worker is not None
        message = self._worker.read()
        if message is None:
            self._end(_("your code ended the process, crashed, or ran out of memory"))
        elif isinstance(message, Alive):
            self._deadline = time.monotonic() + self._patience_seconds
        else:
            self.stop()
            self._show(message.lines, message.verdict)
            # Only now: what waits would take the run's processor.
            self._spares.fill(message.modules)

    def _say_checking(self) -> None:
        """That a run goes on, in the place of a page that is not true any more."""
        assert self._seen is not None
        self._speaks = 0.0
        screen = screen_of(self._stream)
        if screen.is_terminal:
            clear(self._stream)
        text = _("checking {file} …").format(file=escape.one_line(self._seen.path.name))
        lines = [line(text, "bold")]
        if screen.is_terminal:
            lines.append(line(_("watching; Control-C ends it"), "dim"))
        write(fitted(lines, screen), self._stream, screen)

    def _end(self, why: str) -> None:
        self.stop()
        self._show([(Span("✗ ", "red"), Span(why, "bold"))])
        self._spares.fill()

    def _show(self, lines: Sequence[Line], verdict: str = "") -> None:
        """A page of its own on a terminal; elsewhere one below the other."""
        screen = screen_of(self._stream)
        if screen.is_terminal:
            clear(self._stream)
        last = time.strftime("%H:%M:%S")
        if verdict:
            seconds = time.monotonic() - self._began
            last += "  " + escape.one_line(verdict) + f"  ({seconds:.2f} s)"
        end = [line(""), line(last, "bold")]
        if screen.is_terminal:
            end.append(line(_("watching; Control-C ends it"), "dim"))
        end = fitted(end, screen)
        rows = shutil.get_terminal_size().lines if screen.is_terminal else None
        write([*within(lines, rows, len(end)), *end], self._stream, screen)


def within(lines: Sequence[Line], rows: int | None, kept: int) -> list[Line]:
    """``lines`` cut to a terminal of ``rows`` with ``kept`` more below: the failure stays in sight.

    None stands for as many rows as there are lines.
    """
    if rows is None or len(lines) + kept < rows:
        return list(lines)
    shown = list(lines[: max(1, rows - kept - 2)])
    more = len(lines) - len(shown)
    text = ngettext(
        "… and {count} line more: autograder check",
        "… and {count} lines more: autograder check",
        more,
    )
    return [*shown, line(text.format(count=more), "dim")]


def clear(stream: TextIO) -> None:
    """Begin at the top of an empty terminal."""
    from rich.console import Console

    Console(file=stream).clear()
