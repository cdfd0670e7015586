"""The trusted side of the boundary: starts the zygote, asks it for children, ends them in time."""

from __future__ import annotations

import contextlib
import enum
import os
import select
import signal
import site
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from torch import Tensor

from autograder.errors import SandboxError
from autograder.messages import _
from autograder.sandbox.inside import child as inside_child
from autograder.sandbox.inside import lockdown, wire, zygote
from autograder.spec import AssignmentSpec

_START_SECONDS = 120.0  # a cold import of torch on a slow disk
_SLICE_SECONDS = 0.25  # how often a silent child's CPU time is looked at
_CPU_BACKSTOP_SECONDS = 3600
# What a clean zygote must not have loaded: tests, answers, the grader.
_FORBIDDEN_MODULES = frozenset({"autograder", "pytest", "_pytest", "nbgrader", "tests"})
REQUIRED_LAYERS = frozenset({"no-new-privileges", "rlimits", "seccomp", "non-dumpable"})


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


class Sandbox:
    """One zygote and the children forked from it. Use as a context manager."""

    def __init__(self, spec: AssignmentSpec) -> None:
        lockdown.shut_memory()  # the grader's own: it holds the secret and the expected values
        self._spec = spec
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        self._count = 0
        self._control, self._process = _start_zygote(self._folder)
        try:
            self.facts = self._introduce()
            child = self.spawn()
            self.layers = child.layers
            child.kill()
            missing = REQUIRED_LAYERS - {layer.partition(":")[0] for layer in self.layers}
            if missing or not any(layer.startswith("landlock") for layer in self.layers):
                raise SandboxError(
                    _(
                        "cannot isolate student code: {missing} not available on this system\n"
                        "  fix: use a Linux kernel with Landlock (5.13 or later) and seccomp "
                        "(grading never falls back to no sandbox)"
                    ).format(missing=", ".join(sorted(missing)) or "Landlock")
                )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote, and with it every child; remove what they wrote."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        for _attempt in range(100):  # its children end a moment after it, and may write until then
            with contextlib.suppress(OSError):
                (self._folder / "zygote.log").unlink(missing_ok=True)
                for scratch in self._folder.iterdir():
                    remove_folder(scratch)
                self._folder.rmdir()
            if not self._folder.exists():
                return
            time.sleep(0.02)

    def spawn(self) -> Child:
        """A fresh child, locked in, with nothing loaded. Raises SandboxError when none comes."""
        self._count += 1
        scratch = self._folder / str(self._count)
        scratch.mkdir(mode=0o700)
        limits = self._spec.limits
        config = inside_child.ChildConfig(
            layers=self._spec.layers,
            stand_ins=self._spec.stand_ins,
            readable=_readable(),
            scratch=str(scratch),
            memory_bytes=limits.memory_mib * 2**20,
            file_bytes=limits.scratch_mib * 2**20,
            cpu_seconds=_CPU_BACKSTOP_SECONDS,
        )
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [msgspec.json.encode(config)], [theirs.fileno()])
            data, fds, _flags, _address = socket.recv_fds(self._control, zygote.MAX_DATAGRAM, 1)
        except OSError as error:
            ours.close()
            raise self._broken(str(error)) from error
        finally:
            theirs.close()
        if not data or not fds:
            ours.close()
            raise self._broken(_("it ended"))
        child = Child(ours, fds[0], scratch)
        try:
            hello, _tensors = child.receive(0, Budget(_START_SECONDS, 1.0))
        except ChildEnded as error:
            raise self._broken(error.detail or str(error)) from error
        if not isinstance(hello.result, wire.Hello):
            child.kill()
            raise self._broken(_("a child did not report its layers"))
        child.layers = hello.result.layers
        return child

    def _introduce(self) -> dict[str, object]:
        if not select.select([self._control], [], [], _START_SECONDS)[0]:
            raise self._broken(
                _("it did not start in {seconds:.0f} s").format(seconds=_START_SECONDS)
            )
        facts = msgspec.json.decode(self._control.recv(zygote.MAX_DATAGRAM) or b"{}", type=dict)
        modules = set(facts.get("modules", ()))
        unclean = [
            *sorted(modules & _FORBIDDEN_MODULES),
            *sorted(set(facts.get("environment", ())) - set(_environment(""))),
        ]
        # Its own: the standard streams, the control socket, and the one it lists them with.
        if len(fds := facts.get("fds", ())) > 5:
            unclean.append(_("open files {fds}").format(fds=fds))
        if not modules or facts.get("dumpable") is not False:
            unclean.append(_("readable memory"))
        if unclean:
            raise self._broken(_("it is not clean: {what}").format(what=", ".join(unclean)))
        return dict(facts)

    def _broken(self, why: str) -> SandboxError:
        self._process.poll()
        said = (self._folder / "zygote.log").read_text(errors="replace")[-2000:].strip()
        return SandboxError(
            _(
                "the sandbox's fork server failed: {why}\n{said}\n  fix: run the command again; "
                "if it fails again, report it with this text"
            ).format(why=why, said=said)
        )


class Child:
    """One forked process for one submission. Whatever it sends is data, bounded and typed."""

    layers: tuple[str, ...] = ()

    def __init__(self, sock: socket.socket, pidfd: int, scratch: Path) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._pidfd = pidfd
        self._scratch = scratch
        self._buffer = bytearray()
        self._cpu_clock = (~_pid_of(pidfd) << 3) | 2  # CPUCLOCK_SCHED of that process
        self._alive = True

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

        Raises:
            ChildEnded: It died, ran out of time or sent what we refuse to read; it is dead now.
        """
        cpu_start, wall_start = self.cpu_seconds(), time.monotonic()
        cpu = cpu_start
        try:
            while (frame := self._frame()) is None:
                cpu = max(cpu, self.cpu_seconds())  # kept, for a dead process's clock is gone
                wall_left = budget.wall_seconds - (time.monotonic() - wall_start)
                cpu_left = budget.cpu_seconds - (cpu - cpu_start)
                if cpu_left <= 0:
                    raise self.ended(End.CPU)
                if wall_left <= 0:
                    raise self.ended(End.WALL)
                self._wait(min(_SLICE_SECONDS, wall_left, max(cpu_left, 0.01)))
        finally:
            cpu = max(cpu, self.cpu_seconds())
            budget.spend(cpu - cpu_start, time.monotonic() - wall_start)
        reply, tensors = frame
        if reply.id != request_id:
            raise self.ended(End.GARBAGE, f"an answer to request {reply.id}, asked {request_id}")
        return reply, tensors

    def kill(self) -> None:
        """End the process now, whatever it is doing, and remove its scratch."""
        if self._alive:
            self._alive = False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            os.close(self._pidfd)
            self._sock.close()
            remove_folder(self._scratch)

    def ended(self, reason: End, detail: str = "") -> ChildEnded:
        """Kill the child; the exception to raise."""
        self.kill()
        return ChildEnded(reason, detail)

    def _wait(self, seconds: float) -> None:
        if not select.select([self._sock], [], [], seconds)[0]:
            return
        try:
            data = self._sock.recv(2**20)
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
            body, blob = bytes(self._buffer[start:middle]), bytes(self._buffer[middle:end])
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


def _start_zygote(folder: Path) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    if sys.platform != "linux":
        raise SandboxError(
            _(
                "cannot isolate student code on {platform}\n  fix: grade on Linux, "
                "or in a Linux virtual machine (`autograder check` works here)"
            ).format(platform=sys.platform)
        )
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, (folder / "zygote.log").open("wb") as log:
        # -s -P -S: neither the user's packages, nor the current folder, nor .pth files.
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-S", "-B", zygote.__file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=dict(_environment(str(folder))),
            pass_fds=(theirs.fileno(),),
        )
    ours.send(msgspec.json.encode({"packages": site.getsitepackages()}))
    return ours, process


def _environment(home: str) -> dict[str, str]:
    """The whole environment of the zygote and so of every child."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # A huge-page heap makes fork and teardown of a torch process three times cheaper. It needs
        # Python's own arenas off; -I and -E would make Python ignore that variable.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "PYTHONMALLOC": "malloc",
    }


def _readable() -> tuple[str, ...]:
    """What a child may read: the interpreter, the packages, the system's libraries."""
    return (
        *site.getsitepackages(),
        sys.base_prefix,
        "/usr/lib",
        "/lib",
        "/lib64",
        "/usr/share/zoneinfo",
        "/etc/localtime",
        "/etc/ld.so.cache",
        "/dev/null",
        "/dev/urandom",
        "/dev/zero",
    )


def _pid_of(pidfd: int) -> int:
    """The process id in our own namespace, whatever the child's own is. Source: pidfd_open(2)."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise SandboxError(_("the kernel does not tell a child's process id\n  fix: use Linux 5.3+"))
