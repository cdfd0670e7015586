"""A throw-away child that tries what each layer forbids, and tells what came of it.

It runs code of ours only, before any student's, in exactly the state that student code will find:
first what the surroundings forbid (mounts, uid, namespaces), then, locked down, what its own
layers do. Each act is one that this layer alone stands in the way of, and is refused in this
layer's own way; of those that forbid no act of their own the kernel is asked.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
from collections.abc import Callable
from functools import partial

import msgspec

from .namespaces import SCRATCH_FILES

Act = Callable[[], object]

_CAPABILITY_VERSION_3 = 0x20080522
_PR_GET_PDEATHSIG, _PR_GET_DUMPABLE, _PR_GET_NO_NEW_PRIVS = 2, 3, 39


class Proof(msgspec.Struct, frozen=True):
    """What came of one forbidden act; ``said`` is the kernel's answer."""

    layer: str
    said: str
    holds: bool


class Attempts(msgspec.Struct, frozen=True):
    """What the throw-away child is to try its hands on."""

    seen: str
    """A file that this sandbox can see and everyone may read, but the child is not granted."""

    others: str
    """A file that this sandbox can see and only the grader's user may read."""

    outside: str
    """A file outside of what the sandbox is shown."""

    port: int
    """Where the grader listens on the loopback interface."""

    hidden: tuple[str, ...]
    """Files that no child may read, whichever layers there are."""


def before_lockdown(attempts: Attempts) -> list[Proof]:
    """What mounts, uid and namespaces forbid."""
    return [
        _refused("bubblewrap", lambda: os.stat(attempts.outside), errno.ENOENT),  # noqa: PTH116
        _refused("own-uid", lambda: _read(attempts.others), errno.EACCES),
        _shown("pid-namespace", os.getppid() == 0, f"getppid() = {os.getppid()}"),
        # Refused, though the grader listens there: another loopback interface, bubblewrap's own.
        _refused(
            "network-namespace",
            lambda: _connect(attempts.port),
            *(errno.ENETUNREACH, errno.ECONNREFUSED),
        ),
    ]


def after_lockdown(attempts: Attempts) -> list[Proof]:
    """What the child's own layers forbid."""
    all_memory = resource.getrlimit(resource.RLIMIT_AS)[0]  # some of it is mapped already
    held = ctypes.create_string_buffer(b"\xff" * 24, 24)  # 2 x (effective, permitted, inheritable)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.capget(_CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4), held)
    signal_number = ctypes.c_int(0)
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(signal_number), 0, 0, 0)
    privileges = libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
    dumpable = libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)
    proofs = [
        _refused("private-scratch", _fill_with_files, errno.ENOSPC),
        _shown("no-new-privileges", privileges == 1, f"no_new_privs = {privileges}"),
        _shown(
            "no-capabilities", held.raw == bytes(24), "none" if held.raw == bytes(24) else "some"
        ),
        _shown("non-dumpable", dumpable == 0, f"dumpable = {dumpable}"),
        _shown(
            "parent-death-signal",
            signal_number.value == signal.SIGKILL,
            f"pdeath_signal = {signal_number.value}",
        ),
        # Where Landlock does not know truncation, seccomp must refuse it.
        _refused("landlock", lambda: os.truncate(attempts.seen, 0), errno.EACCES, errno.EPERM),
        _refused("landlock", lambda: _read(attempts.seen), errno.EACCES),
        _refused("rlimits", lambda: _take(all_memory), errno.ENOMEM),
        _refused("seccomp", lambda: socket.socket(socket.AF_UNIX), errno.EPERM),
    ]
    hidden = (partial(_read, path) for path in attempts.hidden)
    return proofs + [_refused("hidden-files", act, errno.ENOENT, errno.EACCES) for act in hidden]


def send(sock: socket.socket, layers: tuple[str, ...], proofs: list[Proof]) -> None:
    """What holds by its own account, and the proofs, as JSON; and the end."""
    sock.sendall(msgspec.json.encode((layers, proofs)))
    sock.close()


def _refused(layer: str, attempt: Act, *ways: int) -> Proof:
    """Whether ``attempt`` fails in one of ``ways``; another failure is not this layer's doing."""
    try:
        attempt()
    except OSError as error:
        said = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return Proof(layer, said, error.errno in ways)
    return Proof(layer, "done", False)


def _shown(layer: str, holds: bool, said: str) -> Proof:
    return Proof(layer, said, holds)


def _take(memory_bytes: int) -> None:
    if memory_bytes != resource.RLIM_INFINITY:
        mmap.mmap(-1, memory_bytes)


def _read(path: str) -> bytes:
    opened = os.open(path, os.O_RDONLY)
    try:
        return os.read(opened, 1)
    finally:
        os.close(opened)


def _connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass


def _fill_with_files() -> None:
    made = []
    try:
        for number in range(2 * SCRATCH_FILES):
            os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, 0o600))
            made.append(str(number))
    finally:
        for name in made:
            os.unlink(name)  # noqa: PTH108 - pathlib is not loaded
