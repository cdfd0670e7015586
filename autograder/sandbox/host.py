"""The trusted side of the boundary: starts the zygote, and asks it for children."""

from __future__ import annotations

import contextlib
import select
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

from autograder.errors import SandboxError
from autograder.messages import _
from autograder.sandbox.child import Budget, Child, ChildEnded, remove_folder
from autograder.sandbox.inside import child as inside_child
from autograder.sandbox.inside import lockdown, wire, zygote
from autograder.spec import AssignmentSpec

_START_SECONDS = 120.0  # a cold import of torch on a slow disk
_CPU_BACKSTOP_SECONDS = 3600
# What a clean zygote must not have loaded: tests, answers, the grader.
_FORBIDDEN_MODULES = frozenset({"autograder", "pytest", "_pytest", "nbgrader", "tests"})
REQUIRED_LAYERS = frozenset({"no-new-privileges", "rlimits", "seccomp", "non-dumpable"})


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
