"""One submission in the sandbox: loaded, reloaded without what killed it, asked, and ended."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import msgspec
from torch import Tensor

from autograder.errors import FailureKind, SandboxError, StudentFailure
from autograder.messages import _
from autograder.sandbox.child import Budget, Child, ChildEnded, End
from autograder.sandbox.host import Sandbox
from autograder.sandbox.inside import wire
from autograder.spec import CarriedForward, Limits
from autograder.submission import Cell

MAX_RELOADS = 8  # a file that kills its process more often is not loaded further
MAX_INTERRUPTIONS = 3  # of one submission, by a zygote that dies under it
MAX_TIMEOUTS = 2  # in one exercise; its other checks are not run then
LOAD_STATEMENTS_WORTH = 5  # the whole file may take this many statements' time
ALL_LOADS_WORTH = 3 * LOAD_STATEMENTS_WORTH  # and all loads of it together this many
ALL_CHECKS_WORTH = 30  # all checks together may take this many checks' time
# A load in which nothing is told on the way takes a third less; what does not end in this time, or
# does not survive, is loaded once more statement by statement, with all the time it has.
QUICK_CPU_SECONDS = 0.5
_QUICK_WALL_FACTOR = 6.0
# Of those two: right code takes a small part of them, and who only sleeps must not hold the class.
_WALL_FACTOR_OF_ALL = 3.0
_MAX_PROBLEMS = 256  # of one load
_MAX_NAME = 256  # characters of a type's, a dtype's or a parameter's name
_MAX_PRINTED = 2**40  # bytes it may claim to have printed between two answers
_WHOLE_FILE = (-1, -1)  # no statement has this place


class Problem(msgspec.Struct, frozen=True):
    """A statement that did not run to its end; safe to show: no check's input was there yet."""

    line: int
    message: str


class WallTimeout(StudentFailure):
    """Wall time ran out before CPU time: on a busy machine that may be our doing, so try again."""


class SandboxInterruptedError(SandboxError):
    """The zygote died or froze, and the child with it: our doing, so the check is run again."""


class SandboxedStudent:
    """The connection of the ``student`` fixture to a sandboxed child."""

    def __init__(
        self,
        sandbox: Sandbox,
        cells: Sequence[Cell],
        module: str,
        limits: Limits,
        load_seed: int,
        carried: CarriedForward | None = None,
        earlier: SandboxedStudent | None = None,
    ) -> None:
        """``earlier`` is the same form's first session: what that took is gone here too."""
        self._sandbox = sandbox
        self._cells = tuple(
            wire.Cell(_encodable(c.source), _encodable(c.name), c.first_line) for c in cells
        )
        self._module = module
        self._limits = limits
        self._load_seed = load_seed
        self._carried = carried
        self._child: Child | None = None
        self._skip: set[tuple[int, int]] = set()
        self._waited: set[tuple[int, int]] = set()
        self._reloads = 0
        self._is_quick: bool = earlier is None or earlier._is_quick
        self._interruptions = 0
        factor = min(limits.wall_factor, _WALL_FACTOR_OF_ALL)
        self._loading = Budget(limits.statement_cpu_seconds * ALL_LOADS_WORTH, factor)
        self._asking = Budget(limits.check_cpu_seconds * ALL_CHECKS_WORTH, factor)
        if earlier is not None:
            self._loading, self._asking = earlier._loading, earlier._asking
        self._unloadable: StudentFailure | None = None
        self._last_id = 0
        self._exercise = ""
        self._timeouts: Counter[str] = Counter()
        self._budget = Budget(limits.check_cpu_seconds, limits.wall_factor)
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
        self._budget = Budget(
            self._limits.check_cpu_seconds, self._limits.wall_factor, self._asking
        )
        self.printed = ""

    def _load_once(self) -> Child | None:
        child = self._sandbox.spawn()
        seconds, factor = self._limits.statement_cpu_seconds, self._limits.wall_factor
        quick = self._is_quick
        whole = Budget(seconds * LOAD_STATEMENTS_WORTH, factor, self._loading)
        budget = Budget(seconds, factor, whole)
        if quick:
            budget = Budget(QUICK_CPU_SECONDS, min(factor, _QUICK_WALL_FACTOR), self._loading)
        at, where, line = (0, -1), self._module, 1
        try:
            if self._carried is not None:
                bind = wire.Bind(self._carried.name, self._carried.function)
                self._exchange(child, bind, [], budget, None)
            load = wire.Load(self._cells, tuple(sorted(self._skip)), self._module, not quick)
            number = self._send(child, load, [], budget, self._load_seed)
            while True:
                reply, _tensors = child.receive(number, budget)
                if isinstance(reply.result, wire.Progress) and not quick:
                    at = (reply.result.cell, reply.result.statement)
                    where, line = _shown(reply.result.name), reply.result.line
                    budget = Budget(seconds, factor, whole)
                elif isinstance(reply.result, wire.Loaded):
                    self._note_printed(reply)
                    for status in reply.result.failed[:_MAX_PROBLEMS]:
                        key = (status.cell, status.statement)
                        problem = Problem(status.line, _shown(status.message))
                        self.problems.setdefault(key, problem)
                    return child
                else:
                    raise child.ended(End.GARBAGE, type(reply.result).__name__)
        except ChildEnded as error:
            if self._interrupted(error):
                return None
            if quick:
                self._is_quick = False
                return None
            self._reloads += 1
            if self._loading.used_up:
                self._unloadable = StudentFailure(FailureKind.NOT_RUN, _("not run: time used up"))
                return None
            too_slow = _WHOLE_FILE if whole.used_up else at
            if error.reason is End.WALL and too_slow not in self._waited:
                self._waited.add(too_slow)  # once more before it counts
                return None
            self._skip.add(at)
            text = _("{file}:{line}: {why}").format(file=where, line=line, why=_why(error.reason))
            self.problems[at] = Problem(line, text)
            if self._reloads >= MAX_RELOADS or whole.used_up:
                self._unloadable = StudentFailure(
                    FailureKind.DIED, _("the file cannot be loaded; {text}").format(text=text)
                )
            return None
        except wire.WireError as error:
            child.kill()
            self._unloadable = StudentFailure(
                FailureKind.DIED, _("the file cannot be loaded; it is too large"), str(error)
            )
            return None

    # --- asking --------------------------------------------------------------------------------

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The answer. Raises StudentFailure when the child dies, is too slow or sends garbage."""
        if self._timeouts[self._exercise] >= MAX_TIMEOUTS or self._asking.used_up:
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
            if self._interrupted(error):
                raise SandboxInterruptedError(_("the sandbox had to be started again")) from error
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

    def _interrupted(self, error: ChildEnded) -> bool:
        """Whether the child ended because its zygote did. Raises SandboxError if that goes on."""
        if error.reason is not End.DIED or self._sandbox.is_alive():
            return False
        self._interruptions += 1
        if self._interruptions > MAX_INTERRUPTIONS:
            raise SandboxError(
                _(
                    "the sandbox dies again and again\n  fix: look at the machine's memory and its "
                    "kernel log (dmesg), then run the command again"
                )
            )
        return True

    def _exchange(
        self,
        child: Child,
        operation: wire.Operation,
        tensors: list[Tensor],
        budget: Budget,
        seed: int | None,
    ) -> tuple[wire.Result, list[Tensor]]:
        number = self._send(child, operation, tensors, budget, seed)
        reply, back = child.receive(number, budget)
        self._note_printed(reply)
        return _bounded(reply.result), back

    def _send(
        self,
        child: Child,
        operation: wire.Operation,
        tensors: list[Tensor],
        budget: Budget,
        seed: int | None,
    ) -> int:
        self._last_id += 1
        child.send(wire.Request(self._last_id, seed, operation), tensors, budget)
        return self._last_id

    def _note_printed(self, reply: wire.Reply) -> None:
        self.printed_bytes += min(max(0, reply.printed_bytes), _MAX_PRINTED)
        self.printed = (self.printed + _shown(reply.printed))[: wire.MAX_TEXT]


def _bounded(result: wire.Result) -> wire.Result:
    """``result`` with its texts fit for a report, since whatever answered wrote them."""
    if isinstance(result, wire.Failed):
        values = {_shown(name): _shown(text) for name, text in result.values.items()}
        return msgspec.structs.replace(result, values=values, detail=_shown(result.detail))
    if isinstance(result, wire.Returned):
        scalar = result.scalar
        return msgspec.structs.replace(
            result,
            type_name=_shown(result.type_name, _MAX_NAME),
            scalar=scalar[:_MAX_NAME] if isinstance(scalar, str) else scalar,
            dtype=_shown(result.dtype, _MAX_NAME),
        )
    if isinstance(result, wire.GradientValues):
        named = {_shown(name, _MAX_NAME): index for name, index in result.parameters.items()}
        return msgspec.structs.replace(result, parameters=named)
    return result


def _shown(text: str, limit: int = wire.MAX_TEXT) -> str:
    """``text`` cut to size, its control and format characters spelled out."""
    if text.isascii() and text.isprintable():  # nearly every one: names of types and dtypes
        return text[:limit]
    return "".join(
        c
        if c in "\n\t" or not unicodedata.category(c).startswith(("C", "Zl", "Zp"))
        else c.encode("unicode_escape").decode()
        for c in text[:limit]
    )[:limit]


def _encodable(text: str) -> str:
    """``text`` with lone surrogates spelled out, since UTF-8 has no place for them."""
    return text.encode("utf-8", "backslashreplace").decode()


def _why(reason: End) -> str:
    return {
        End.DIED: _("the process ended: exit, a crash, or out of memory"),
        End.CPU: _("stopped: it ran too long; is there a loop that never ends?"),
        End.WALL: _("stopped: it waited too long"),
        End.GARBAGE: _("it sent an answer that we refuse to read"),
    }[reason]
