"""The student's code in this very process: practice on one's own machine, on any system."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from torch import Tensor

from autograder.errors import FailureKind, StudentFailure
from autograder.messages import _
from autograder.sandbox.inside import output, wire
from autograder.sandbox.inside.interpreter import Interpreter
from autograder.spec import AssignmentSpec
from autograder.student.printed import LastPrinted
from autograder.submission import Form

# Practice waits this many times the graded limit: it counts wall time, and machines differ.
_PATIENCE = 2.0
SEED = 20  # of the inputs and of torch; the same at every run, so that a failure stays put

_SHOWN_OF_A_LINE = 200  # characters
STUB = ": NotImplementedError"  # how the problem ends that stopped at one

# While student code runs, its own check() calls do nothing: they would check it again.
checking: ContextVar[bool] = ContextVar("checking", default=False)


class LocalStudent:
    """The connection of the ``student`` fixture to the student's code, without isolation."""

    def __init__(self, spec: AssignmentSpec, namespace: dict[str, Any] | None = None) -> None:
        """``namespace`` is a notebook's live one; without it, ``load`` a file first."""
        self._limits = spec.limits
        # KeyboardInterrupt is not the student code's: it is the person at the keyboard.
        self._interpreter = Interpreter(
            spec.layers, spec.stand_ins, namespace, catch=(Exception, SystemExit)
        )
        self._printed = LastPrinted()
        self._alarm = _Alarm()
        self._new_seed: int | None = SEED
        self.problems: list[str] = []
        self.printed_by_file = ""

    def load(self, form: Form) -> None:
        """Run the file; what did not run to its end is in ``problems`` afterwards.

        That is a sentence each, with the line of the file below it. What stopped at a stub that is
        still to be filled in is none.
        """
        cells = tuple(wire.Cell(c.source, c.name, c.first_line) for c in form.cells)
        skip: set[tuple[int, int]] = set()
        at, place = (0, -1), form.file
        stopped: list[str] = []
        seconds = self._limits.statement_cpu_seconds * _PATIENCE

        def progress(cell: int, statement: int, name: str, line: int) -> None:
            nonlocal at, place
            at, place = (cell, statement), f"{name}:{line}"
            self._alarm.restart(seconds)

        while True:
            operation = wire.Load(cells, tuple(sorted(skip)), form.module)
            try:
                with self._alarm.set(seconds), self._capturing():
                    result, _back = self._interpreter.answer(
                        wire.Request(0, SEED, operation), [], progress
                    )
            except KeyboardInterrupt:
                if not self._alarm.rang:
                    raise
                skip.add(at)
                text = _("{place}: stopped: it ran too long; is there a loop that never ends?")
                stopped.append(text.format(place=place))
                continue
            failed = result.failed if isinstance(result, wire.Loaded) else ()
            news = [one for one in failed if not one.message.endswith(STUB)]
            self.problems = [
                *stopped,
                *(with_its_line(one.message, one.line, form) for one in news),
            ]
            self.printed_by_file = self._printed.last_lines()
            return

    def begin_check(self, exercise: str = "") -> None:
        """What follows belongs to a new check, of whichever ``exercise``."""
        self._new_seed = SEED
        self._printed.take()

    def printed_in_check(self) -> str:
        """The last lines that the code printed since the check began, not escaped."""
        return self._printed.last_lines()

    def runs_again(self, error: BaseException | None) -> bool:
        """Never: here nothing but the student's own code ends a check."""
        return False

    def request(
        self, operation: wire.Operation, tensors: Sequence[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The answer. Raises StudentFailure when the code runs without end."""
        seed, self._new_seed = self._new_seed, None
        # Clones, as through the wire: nothing the student's code changes is the check's own.
        sent = [tensor.detach().clone() for tensor in tensors]
        seconds = self._limits.check_cpu_seconds * _PATIENCE
        try:
            with self._alarm.set(seconds), self._capturing():
                return self._interpreter.answer(
                    wire.Request(0, seed, operation), sent, lambda cell, statement, name, line: None
                )
        except KeyboardInterrupt:
            if not self._alarm.rang:
                raise
            raise StudentFailure(
                FailureKind.TIMEOUT, _("stopped: it ran too long; is there a loop that never ends?")
            ) from None

    @contextlib.contextmanager
    def _capturing(self) -> Iterator[None]:
        stream = output.text_stream(self._printed)
        token = checking.set(True)
        try:
            with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
                yield
        finally:
            checking.reset(token)


def with_its_line(message: str, line: int, form: Form) -> str:
    """What did not run, and below it the line it is about, where that is known."""
    for cell in form.cells:
        lines = cell.source.split("\n")
        index = line - cell.first_line
        if message.startswith(f"{cell.name}:{line}:") and 0 <= index < len(lines):
            return f"{message}\n    {lines[index].strip()[:_SHOWN_OF_A_LINE]}"
    return message


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """A process that a shell starts in the background ignores SIGINT, and so would the alarm."""
    before = signal.getsignal(signal.SIGINT)
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or before not in (signal.SIG_IGN, signal.SIG_DFL):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Alarm:
    """Interrupts the main thread, on any system, when student code runs without end."""

    _LOOKS_EVERY_SECONDS = 0.2  # one thread that looks now and then; a timer per call costs more

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._watcher: threading.Thread | None = None
        self.rang = False

    @contextlib.contextmanager
    def set(self, seconds: float) -> Iterator[None]:
        """Rings once when the block takes longer, or longer than that after a ``restart``."""
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, daemon=True)
            self._watcher.start()
        self.rang = False
        self.restart(seconds)
        try:
            with _interruptible():
                yield
        finally:
            with self._lock:
                self._deadline = None

    def restart(self, seconds: float) -> None:
        """Begin anew."""
        with self._lock:
            self._deadline = time.monotonic() + seconds

    def _watch(self) -> None:
        while True:
            time.sleep(self._LOOKS_EVERY_SECONDS)
            with self._lock:
                if self._deadline is not None and time.monotonic() > self._deadline:
                    self._deadline = None
                    self.rang = True
                    _thread.interrupt_main()
