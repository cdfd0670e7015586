"""The trusted side's hold on one child: ask it, count its time, end it. All it sends is data."""

from __future__ import annotations

import contextlib
import enum
import math
import os
import select
import signal
import socket
import time
from pathlib import Path

import msgspec
from torch import Tensor

from autograder.errors import SandboxError
from autograder.messages import _
from autograder.sandbox.inside import wire
from autograder.sandbox.inside.proof import Proof

_SLICE_SECONDS = 0.25  # how often a silent child's CPU time is looked at
_READ_BYTES = 2**16  # at once; malloc maps what is twice as large anew each time, page by page


class End(enum.Enum):
    """Why a child gave no answer."""

    DIED = "died"
    CPU = "cpu"
    WALL = "wall"
    GARBAGE = "garbage"


class ChildEnded(Exception):  # noqa: N818 - the student's doing, not an error of ours
    """The child is dead, killed if need be; ``reason`` says why."""

    def __init__(self, reason: End, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


class Budget:
    """CPU and wall time left for one statement or one check, over several requests.

    ``whole`` is a larger budget that this one is a part of: what is spent here is spent there too,
    and no more can be spent here than is left there.
    """

    def __init__(self, cpu_seconds: float, wall_factor: float, whole: Budget | None = None) -> None:
        self.cpu_seconds = cpu_seconds
        self.wall_seconds = cpu_seconds * wall_factor
        self._whole = whole
        if whole is not None:
            self.cpu_seconds = min(self.cpu_seconds, whole.cpu_seconds)
            self.wall_seconds = min(self.wall_seconds, whole.wall_seconds)

    @property
    def used_up(self) -> bool:
        """Whether nothing more can run on it."""
        return self.cpu_seconds <= 0 or self.wall_seconds <= 0

    def spend(self, cpu_seconds: float, wall_seconds: float) -> None:
        """Take this off what is left, here and of the whole."""
        self.cpu_seconds -= cpu_seconds
        self.wall_seconds -= wall_seconds
        if self._whole is not None:
            self._whole.spend(cpu_seconds, wall_seconds)


class Child:
    """One forked process for one submission. Whatever it sends is data, bounded and typed."""

    layers: tuple[str, ...] = ()

    def __init__(self, sock: socket.socket, pidfd: int, scratch: Path | None) -> None:
        """``scratch`` is the folder to remove at the end, where it is not the child's own."""
        sock.setblocking(False)
        self._sock = sock
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._pidfd = pidfd
        self._scratch = scratch
        self._buffer = bytearray()
        self._cpu_clock = (~_pid_of(pidfd) << 3) | 2  # CPUCLOCK_SCHED of that process
        self._alive = True
        self._ended_at = math.inf
        self._counted = (self.cpu_seconds(), time.monotonic())  # CPU and wall time up to here

    def cpu_seconds(self) -> float:
        """CPU time used so far, all threads; 0 when the process is gone."""
        if not self._alive:  # its number may be another's by now
            return 0.0
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def send(self, request: wire.Request, tensors: list[Tensor], budget: Budget) -> None:
        """Send one request. Raises ChildEnded when the child does not take it."""
        frame = memoryview(wire.encode(request, tensors))
        self._wait(0)
        if self._buffer:
            raise self.ended(End.GARBAGE, "an answer that nobody had asked for")
        self._counted = (self.cpu_seconds(), time.monotonic())
        deadline = time.monotonic() + budget.wall_seconds
        while frame:
            try:
                frame = frame[self._sock.send(frame) :]
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([], [self._sock], [], left)[1]:
                    raise self.ended(End.WALL) from None
            except OSError as error:
                raise self.ended(End.DIED, str(error)) from None

    def receive(self, request_id: int, budget: Budget) -> tuple[wire.Reply, list[Tensor]]:
        """The next reply to ``request_id``; what it took is taken off ``budget``.

        Time is counted from the request on, also between one reply and the next, so that a flood
        of replies, read one by one, is no way around it.

        Raises:
            ChildEnded: It died, ran out of time or sent what we refuse to read; it is dead now.
        """
        cpu_start, wall_start = self._counted
        cpu = cpu_start
        just_asked = not self._buffer  # else time may have passed since the last reply
        frame = None
        try:
            while frame is None:
                if not just_asked:
                    cpu = max(cpu, self.cpu_seconds())  # kept, for a dead process's clock is gone
                just_asked = False
                wall_left = budget.wall_seconds - (time.monotonic() - wall_start)
                cpu_left = budget.cpu_seconds - (cpu - cpu_start)
                if cpu_left <= 0:
                    raise self.ended(End.CPU)
                if wall_left <= 0:
                    raise self.ended(End.WALL)
                frame = self._frame()
                if frame is None:
                    self._wait(min(_SLICE_SECONDS, wall_left, max(cpu_left, 0.01)))
        finally:
            self._counted = (cpu, min(time.monotonic(), self._ended_at))
            budget.spend(cpu - cpu_start, self._counted[1] - wall_start)
        reply, tensors = frame
        if reply.id != request_id:
            raise self.ended(End.GARBAGE, f"an answer to request {reply.id}, asked {request_id}")
        return reply, tensors

    def kill(self) -> None:
        """End the process now, whatever it is doing, and remove its scratch."""
        if self._alive:
            self._alive = False
            self._ended_at = time.monotonic()  # removing its scratch is not its time
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            os.close(self._pidfd)
            self._sock.close()
            if self._scratch is not None:
                remove_folder(self._scratch)

    def proofs(self, seconds: float) -> tuple[tuple[str, ...], tuple[Proof, ...]]:
        """The layers and proofs that a throw-away child sends, once. Raises ChildEnded."""
        deadline = time.monotonic() + seconds
        said = b""
        try:
            while select.select([self._sock], [], [], max(0.0, deadline - time.monotonic()))[0]:
                data = self._sock.recv(2**16)
                if not data:
                    return msgspec.json.decode(said, type=tuple[tuple[str, ...], tuple[Proof, ...]])
                said += data
        except (OSError, msgspec.DecodeError) as error:  # it runs code of ours only
            raise self.ended(End.DIED, str(error)) from None
        raise self.ended(End.WALL)

    def ended(self, reason: End, detail: str = "") -> ChildEnded:
        """Kill the child; the exception to raise."""
        self.kill()
        return ChildEnded(reason, detail)

    def _wait(self, seconds: float) -> None:
        if not self._readable.poll(math.ceil(seconds * 1000)):
            return
        try:
            data = self._sock.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise self.ended(End.DIED, str(error)) from None
        if not data:
            raise self.ended(End.DIED)
        self._buffer += data

    def _frame(self) -> tuple[wire.Reply, list[Tensor]] | None:
        if len(self._buffer) < wire.HEADER.size:
            return None
        try:
            body_bytes, blob_bytes = wire.sizes(bytes(self._buffer[: wire.HEADER.size]))
            start, middle = wire.HEADER.size, wire.HEADER.size + body_bytes
            end = middle + blob_bytes
            if len(self._buffer) < end:
                return None
            with memoryview(self._buffer) as view:  # a slice of the buffer would be one more copy
                body, blob = bytes(view[start:middle]), bytes(view[middle:end])
            del self._buffer[:end]
            return wire.decode_reply(body, blob)
        except wire.WireError as error:
            raise self.ended(End.GARBAGE, str(error)) from None


def remove_folder(folder: Path) -> None:
    """Remove a folder that student code wrote in, however deep; what cannot be removed stays.

    Every folder in it is moved up, beside it, before it is emptied. ``shutil.rmtree`` calls itself
    for each level: a thousand folders one in another would end the grading of the whole class.
    """
    pending = [folder]
    while pending:
        emptied = pending.pop()
        with contextlib.suppress(OSError):
            emptied.chmod(0o700)  # a plain folder: the sandbox lets nobody make a link
            with os.scandir(emptied) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        above = folder.with_name(f"{folder.name}.{entry.inode()}")
                        Path(entry.path).rename(above)
                        pending.append(above)
                    else:
                        Path(entry.path).unlink()
            emptied.rmdir()


def _pid_of(pidfd: int) -> int:
    """The process id in our own namespace, whatever the child's own is. Source: pidfd_open(2)."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise SandboxError(_("the kernel does not tell a child's process id\n  fix: use Linux 5.3+"))
