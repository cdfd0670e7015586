"""One submission in the sandbox: loaded, reloaded without what killed it, asked, and ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from torch import Tensor

from autograder.errors import FailureKind, StudentFailure
from autograder.messages import _
from autograder.sandbox.host import Budget, Child, ChildEnded, End, Sandbox
from autograder.sandbox.inside import wire
from autograder.spec import CarriedForward, Limits
from autograder.submission import Cell

MAX_RELOADS = 8  # a file that kills its process more often is not loaded further
MAX_TIMEOUTS = 2  # in one exercise; its other checks are not run then
LOAD_STATEMENTS_WORTH = 5  # the whole file may take this many statements' time


class Problem(msgspec.Struct, frozen=True):
    """A statement that did not run to its end; safe to show: no check's input was there yet."""

    line: int
    message: str


class WallTimeout(StudentFailure):
    """Wall time ran out before CPU time: on a busy machine that may be our doing, so try again."""


class SandboxedStudent:
    """The connection of the ``student`` fixture to a sandboxed child."""

    def __init__(
        self, sandbox: Sandbox, cells: Sequence[Cell], module: str, limits: Limits,
        load_seed: int, carried: CarriedForward | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._cells = tuple(wire.Cell(c.source, c.name, c.first_line) for c in cells)
        self._module = module
        self._limits = limits
        self._load_seed = load_seed
        self._carried = carried
        self._child: Child | None = None
        self._skip: set[tuple[int, int]] = set()
        self._waited: set[tuple[int, int]] = set()
        self._reloads = 0
        self._unloadable: StudentFailure | None = None
        self._last_id = 0
        self._exercise = ""
        self._timeouts: Counter[str] = Counter()
        self._budget = self._check_budget()
        self._new_seed: int | None = None
        self.problems: dict[tuple[int, int], Problem] = {}
        self.printed_bytes = 0
        self.printed = ""

    # --- the life of a child -------------------------------------------------------------------

    def load(self) -> None:
        """Load the submission; what did not run is in ``problems`` afterwards."""
        while self._child is None and self._unloadable is None:
            self._child = self._load_once()

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def begin_check(self, exercise: str, seed: int) -> None:
        """What follows belongs to a new check with a time budget of its own."""
        self._exercise = exercise
        self._new_seed = seed
        self._budget = self._check_budget()
        self.printed = ""

    def _check_budget(self) -> Budget:
        return Budget(self._limits.check_cpu_seconds, self._limits.wall_factor)

    def _statement_budget(self, whole: float) -> Budget:
        return Budget(
            min(self._limits.statement_cpu_seconds, max(whole, 0.0)), self._limits.wall_factor
        )

    def _load_once(self) -> Child | None:
        child = self._sandbox.spawn()
        whole = self._limits.statement_cpu_seconds * LOAD_STATEMENTS_WORTH
        budget = self._statement_budget(whole)
        at, where, line = (0, -1), self._module, 1
        try:
            if self._carried is not None:
                bind = wire.Bind(self._carried.name, self._carried.function)
                self._exchange(child, bind, [], budget, None)
            load = wire.Load(self._cells, tuple(sorted(self._skip)), self._module)
            number = self._send(child, load, [], budget, self._load_seed)
            while True:
                granted = budget.cpu_seconds
                reply, _tensors = child.receive(number, budget)
                whole -= granted - budget.cpu_seconds
                if isinstance(reply.result, wire.Progress):
                    at = (reply.result.cell, reply.result.statement)
                    where, line = reply.result.name, reply.result.line
                    budget = self._statement_budget(whole)
                elif isinstance(reply.result, wire.Loaded):
                    self._note_printed(reply)
                    for status in reply.result.failed:
                        key = (status.cell, status.statement)
                        self.problems.setdefault(key, Problem(status.line, status.message))
                    return child
                else:
                    raise child.ended(End.GARBAGE, type(reply.result).__name__)
        except ChildEnded as error:
            self._reloads += 1
            if error.reason is End.WALL and at not in self._waited:
                self._waited.add(at)  # once more before it counts
                return None
            self._skip.add(at)
            text = _("{file}:{line}: {why}").format(file=where, line=line, why=_why(error.reason))
            self.problems[at] = Problem(line, text)
            if self._reloads >= MAX_RELOADS or whole <= 0:
                self._unloadable = StudentFailure(
                    FailureKind.DIED, _("the file cannot be loaded; {text}").format(text=text)
                )
            return None

    # --- asking --------------------------------------------------------------------------------

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The answer. Raises StudentFailure when the child dies, is too slow or sends garbage."""
        if self._timeouts[self._exercise] >= MAX_TIMEOUTS:
            raise StudentFailure(FailureKind.NOT_RUN, _("not run: time used up"))
        if self._child is None:
            self.load()
        if self._child is None:
            raise self._unloadable or StudentFailure(FailureKind.DIED, _why(End.DIED))
        try:
            seed, self._new_seed = self._new_seed, None
            return self._exchange(self._child, operation, tensors, self._budget, seed)
        except ChildEnded as error:
            self._child = None
            if error.reason is End.WALL:
                raise WallTimeout(FailureKind.TIMEOUT, _why(error.reason)) from error
            if error.reason is End.CPU:
                self.count_timeout()
                raise StudentFailure(FailureKind.TIMEOUT, _why(error.reason)) from error
            kind = FailureKind.REFUSED if error.reason is End.GARBAGE else FailureKind.DIED
            raise StudentFailure(kind, _why(error.reason), error.detail) from error

    def count_timeout(self) -> None:
        """One more check of this exercise ran out of time."""
        self._timeouts[self._exercise] += 1

    def _exchange(
        self, child: Child, operation: wire.Operation, tensors: list[Tensor], budget: Budget,
        seed: int | None,
    ) -> tuple[wire.Result, list[Tensor]]:
        number = self._send(child, operation, tensors, budget, seed)
        reply, back = child.receive(number, budget)
        self._note_printed(reply)
        return reply.result, back

    def _send(
        self, child: Child, operation: wire.Operation, tensors: list[Tensor], budget: Budget,
        seed: int | None,
    ) -> int:
        self._last_id += 1
        child.send(wire.Request(self._last_id, seed, operation), tensors, budget)
        return self._last_id

    def _note_printed(self, reply: wire.Reply) -> None:
        self.printed_bytes += max(0, reply.printed_bytes)
        self.printed = (self.printed + reply.printed)[: wire.MAX_TEXT]


def _why(reason: End) -> str:
    return {
        End.DIED: _("the process ended: exit, a crash, or out of memory"),
        End.CPU: _("stopped: it ran too long; is there a loop that never ends?"),
        End.WALL: _("stopped: it waited too long"),
        End.GARBAGE: _("it sent an answer that we refuse to read"),
    }[reason]
