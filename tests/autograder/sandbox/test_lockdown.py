"""What a locked-down process can no longer do, and what it can.

Each forbidden act is tried twice in throw-away processes, free and locked down, so that a test
whose act never worked cannot pass. What students need runs in children of one torch-loaded
process, this file as a script, because a pytest that has run torch with two threads makes every
torch operation of a forked child hang.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import ctypes
import dataclasses
import errno
import fcntl
import json
import mmap
import os
import platform
import random
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.inside import landlock, lockdown, seccomp

ROOT = Path(lockdown.__file__).parents[3]
MIB = 2**20
TCGETS = 0x5401
LIBRARIES = (
    *(sys.prefix, sys.base_prefix, sysconfig.get_path("platlib")),
    *("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache"),
    *("/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom"),
)

needs_landlock = pytest.mark.skipif(landlock.abi() == 0, reason="the kernel has no Landlock")
needs_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="about x86_64's numbers")
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root could do it in the first place"
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a throw-away process ended: what its act returned or raised, or how it died."""

    returned: Any = None
    raised: str | None = None
    errno: int | None = None
    text: str = ""
    signal: int | None = None
    exit_code: int | None = None


REFUSED = ("PermissionError", errno.EPERM), ("PermissionError", errno.EACCES)


def was_refused(outcome: Outcome) -> bool:
    return (outcome.raised, outcome.errno) in REFUSED


def in_child(act: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> Outcome:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            before()
            report = {"returned": act()}
        except BaseException as error:
            report = {"raised": type(error).__name__, "text": str(error)}
            report["errno"] = getattr(error, "errno", None)
        os.write(write_end, json.dumps(report).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        written = stream.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return Outcome(signal=os.WTERMSIG(status))
    if not written:
        return Outcome(exit_code=os.WEXITSTATUS(status))
    return Outcome(**json.loads(written))


@dataclasses.dataclass(frozen=True)
class Jail:
    scratch: Path
    outside: Path
    config: lockdown.Lockdown

    def free(self, act: Callable[[], Any]) -> Outcome:
        return in_child(act)

    def locked(self, act: Callable[[], Any], **changes: Any) -> Outcome:
        config = dataclasses.replace(self.config, **changes)
        return in_child(act, before=lambda: lockdown.lock_down(config))


def bytes_mapped() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE


def config_for(scratch: Path, readable: tuple[str, ...] = LIBRARIES) -> lockdown.Lockdown:
    return lockdown.Lockdown(
        readable=readable,
        writable=(str(scratch),),
        address_space_bytes=bytes_mapped() + 1024 * MIB,
        file_bytes=MIB,
        cpu_seconds=30,
    )


@pytest.fixture
def jail(tmp_path: Path) -> Jail:
    scratch, outside = tmp_path / "scratch", tmp_path / "outside"
    scratch.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("expected value")
    (outside / "program.sh").write_text("#!/bin/sh\nexit 7\n")
    (outside / "program.sh").chmod(0o755)
    lockdown.available_layers()
    return Jail(scratch, outside, config_for(scratch))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def libc(name: str, *arguments: Any) -> int:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    result = function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


# ------------------------------------------------------------------------------- files


@needs_landlock
def test_a_file_outside_the_readable_paths_cannot_be_read(jail: Jail) -> None:
    def act() -> str:
        return (jail.outside / "secret.txt").read_text()

    free, locked = jail.free(act), jail.locked(act)

    assert free.returned == "expected value"
    assert was_refused(locked)


@needs_landlock
def test_one_readable_file_does_not_open_its_neighbours(jail: Jail) -> None:
    (jail.outside / "given.txt").write_text("given")
    readable = (*LIBRARIES, str(jail.outside / "given.txt"))

    given = jail.locked((jail.outside / "given.txt").read_text, readable=readable)
    secret = jail.locked((jail.outside / "secret.txt").read_text, readable=readable)

    assert given.returned == "given"
    assert was_refused(secret)


@needs_landlock
def test_a_directory_outside_cannot_be_listed(jail: Jail) -> None:
    def act() -> list[str]:
        return names_in(jail.outside)

    free, locked = jail.free(act), jail.locked(act)

    assert free.returned == ["program.sh", "secret.txt"]
    assert was_refused(locked)


@needs_landlock
@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_WRONLY | os.O_TRUNC, os.O_APPEND | os.O_RDWR])
def test_a_file_that_may_be_read_cannot_be_written(jail: Jail, flags: int) -> None:
    readable = (*LIBRARIES, str(jail.outside))

    def act() -> None:
        os.close(os.open(jail.outside / "secret.txt", flags))

    free, locked = jail.free(act), jail.locked(act, readable=readable)

    assert free == Outcome()
    assert was_refused(locked)


def move_out(jail: Jail) -> None:
    mine = jail.scratch / "mine"
    mine.touch()
    mine.rename(jail.outside / "mine")


@needs_landlock
@pytest.mark.parametrize(
    "act",
    [
        lambda jail: (jail.outside / "new.txt").touch(),
        lambda jail: (jail.outside / "new").mkdir(),
        lambda jail: (jail.outside / "program.sh").unlink(),
        lambda jail: os.truncate(jail.outside / "secret.txt", 0),
        move_out,
    ],
    ids=["create", "mkdir", "unlink", "truncate", "move out"],
)
def test_nothing_outside_the_scratch_can_be_changed(
    jail: Jail, act: Callable[[Jail], None]
) -> None:
    locked = jail.locked(lambda: act(jail))
    free = jail.free(lambda: act(jail))

    assert free == Outcome()
    assert was_refused(locked) or locked.errno == errno.EXDEV  # how Landlock says no to a move


@pytest.mark.parametrize(
    "act",
    [
        lambda path: path.chmod(0o777),
        lambda path: os.fchmod(os.open(path, os.O_RDONLY), 0o777),
        lambda path: os.chown(path, os.getuid(), os.getgid()),
        lambda path: os.utime(path, (0, 0)),
    ],
    ids=["chmod", "fchmod", "chown", "utime"],
)
def test_the_owner_and_mode_of_a_readable_file_cannot_be_changed(
    jail: Jail, act: Callable[[Path], None]
) -> None:
    secret = jail.outside / "secret.txt"

    free = jail.free(lambda: act(secret))
    locked = jail.locked(lambda: act(secret), readable=(*LIBRARIES, str(jail.outside)))

    assert free == Outcome()
    assert was_refused(locked)


@pytest.mark.parametrize(
    "act",
    [
        lambda scratch: (scratch / "link").symlink_to("/etc"),
        lambda scratch: (scratch / "hard").hardlink_to(scratch / "file"),
        lambda scratch: os.mkfifo(scratch / "fifo"),
    ],
    ids=["symlink", "hard link", "fifo"],
)
def test_the_scratch_holds_plain_files_only(jail: Jail, act: Callable[[Path], None]) -> None:
    (jail.scratch / "file").touch()

    locked, free = jail.locked(lambda: act(jail.scratch)), jail.free(lambda: act(jail.scratch))

    assert free == Outcome()
    assert was_refused(locked)


def test_a_file_stops_at_its_size_limit(jail: Jail) -> None:
    def act() -> int:
        return (jail.scratch / "big").write_bytes(bytes(2 * MIB))

    free, locked = jail.free(act), jail.locked(act)

    assert free.returned == 2 * MIB
    assert (locked.raised, locked.errno) == ("OSError", errno.EFBIG)
    assert (jail.scratch / "big").stat().st_size == MIB


def test_a_file_in_memory_which_no_limit_counts_cannot_be_made(jail: Jail) -> None:
    def act() -> None:
        os.memfd_create("big")

    free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


# --------------------------------------------------------------------------- processes


def test_no_program_can_be_executed(jail: Jail) -> None:
    def act() -> None:
        os.execv("/bin/sh", ["sh", "-c", "exit 7"])

    free, locked = jail.free(act), jail.locked(act, readable=("/",))

    assert free.exit_code == 7
    assert was_refused(locked)


def test_no_program_in_memory_can_be_executed(jail: Jail) -> None:
    program = (jail.outside / "program.sh").read_bytes()

    def act() -> None:
        fd = os.memfd_create("program", 0)
        os.write(fd, program)
        os.execve(fd, ["program"], {})

    free, locked = jail.free(act), jail.locked(act)

    assert free.exit_code == 7
    assert was_refused(locked)


def fork_and_wait() -> str:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return "forked"


def start_a_program() -> str:
    subprocess.run(["/bin/true"], check=True)
    return "forked"


def spawn() -> str:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    return "forked"


@pytest.mark.parametrize("act", [fork_and_wait, start_a_program, spawn])
def test_no_process_can_be_started(jail: Jail, act: Callable[[], str]) -> None:
    free, locked = jail.free(act), jail.locked(act, readable=("/",))

    assert free.returned == "forked"
    assert was_refused(locked)


def test_the_parent_cannot_be_signalled(jail: Jail) -> None:
    def act() -> None:
        os.kill(os.getppid(), signal.SIGCONT)

    free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


@pytest.mark.parametrize("group", [0, -1])
def test_no_group_of_processes_can_be_signalled(jail: Jail, group: int) -> None:
    locked = jail.locked(lambda: os.kill(group, 0))

    assert was_refused(locked)


def test_the_kernel_cannot_be_asked_to_signal_the_parent(jail: Jail) -> None:
    ours, theirs = socket.socketpair()

    def act() -> None:
        fcntl.fcntl(ours, fcntl.F_SETOWN, os.getppid())

    with ours, theirs:
        free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


def test_the_limits_of_the_parent_cannot_be_changed(jail: Jail) -> None:
    def act() -> tuple[int, int]:
        return resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)

    free, locked = jail.free(act), jail.locked(act)

    assert free.returned is not None
    assert was_refused(locked)


SECRET_IN_MEMORY = ctypes.create_string_buffer(b"expected value")


class _Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def read_parent_through_the_kernel() -> str:
    copy = ctypes.create_string_buffer(len(SECRET_IN_MEMORY))
    here = _Span(ctypes.addressof(copy), len(copy))
    there = _Span(ctypes.addressof(SECRET_IN_MEMORY), len(copy))
    libc("process_vm_readv", os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return copy.value.decode()


def read_parent_through_proc() -> str:
    with Path(f"/proc/{os.getppid()}/mem").open("rb", buffering=0) as memory:
        memory.seek(ctypes.addressof(SECRET_IN_MEMORY))
        return memory.read(len(SECRET_IN_MEMORY) - 1).decode()


@pytest.mark.parametrize("act", [read_parent_through_the_kernel, read_parent_through_proc])
def test_the_memory_of_the_parent_cannot_be_read_even_where_proc_is_readable(
    jail: Jail, act: Callable[[], str]
) -> None:
    free, locked = jail.free(act), jail.locked(act, readable=("/",))
    if was_refused(free):
        pytest.skip("this machine protects the parent already")

    assert free.returned == "expected value"
    assert was_refused(locked)


@pytest.fixture
def victim() -> Iterator[int]:
    """A process of the same user that waits."""
    pid = os.fork()
    if pid == 0:
        while True:
            signal.pause()
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_no_process_can_be_traced(jail: Jail, victim: int) -> None:
    ptrace_seize = 0x4206

    def act() -> int:
        return libc("ptrace", ptrace_seize, victim, None, None)

    free, locked = jail.free(act), jail.locked(act)
    if was_refused(free):
        pytest.skip("this machine forbids tracing already")

    assert free.returned == 0
    assert was_refused(locked)


def test_no_handle_of_a_process_can_be_had(jail: Jail, victim: int) -> None:
    def act() -> None:
        os.pidfd_open(victim)

    free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


# ------------------------------------------------------------------ files, beside Landlock


@pytest.mark.parametrize("abi", [1, 2, None], ids=["Linux 5.13", "Linux 5.19", "this one"])
@pytest.mark.parametrize(
    "act",
    [
        lambda path: os.truncate(path, 0),
        lambda path: os.close(os.open(path, 3 | os.O_TRUNC)),
        lambda path: os.close(os.open(path, os.O_RDONLY | os.O_TRUNC)),
    ],
    ids=["truncate", "open for nothing", "open for reading"],
)
def test_a_file_that_may_be_read_cannot_be_emptied_under_an_older_landlock_either(
    jail: Jail,
    act: Callable[[Path], None],
    abi: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if abi is not None:
        monkeypatch.setattr(landlock, "NEWEST_KNOWN_ABI", abi)
    readable = (*LIBRARIES, str(jail.outside))
    secret = jail.outside / "secret.txt"

    locked = jail.locked(lambda: act(secret), readable=readable)
    kept = secret.read_text()
    free = jail.free(lambda: act(secret))

    assert was_refused(locked)
    assert kept == "expected value"
    assert free == Outcome() and secret.read_text() == ""


def is_in_memory(path: Path) -> bool:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.preadv(opened, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return False
    return True


def look_by_mincore(path: Path) -> int:
    with mmap.mmap(-1, mmap.PAGESIZE) as memory:
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        return libc("mincore", address, mmap.PAGESIZE, bytes(1))


@pytest.mark.parametrize(
    "act",
    [
        lambda path: os.posix_fadvise(os.open(path, 0), 0, 0, os.POSIX_FADV_DONTNEED),
        lambda path: libc("readahead", os.open(path, 0), 0, 4096) and None,
        lambda path: is_in_memory(path) and None,
        lambda path: look_by_mincore(path) and None,
    ],
    ids=["fadvise", "readahead", "preadv2", "mincore"],
)
def test_nobody_can_drop_or_ask_what_the_kernel_keeps_of_a_file(
    jail: Jail, act: Callable[[Path], None]
) -> None:
    (jail.scratch / "note").write_text("x")

    free = jail.free(lambda: act(jail.scratch / "note"))
    locked = jail.locked(lambda: act(jail.scratch / "note"))

    assert free in (Outcome(), Outcome(returned=0), Outcome(returned=False))
    assert was_refused(locked)


# ------------------------------------------------------------- privileges and the kernel


@pytest.mark.parametrize(
    "act",
    [
        lambda: os.setuid(os.getuid()),
        lambda: os.setgid(os.getgid()),
        lambda: os.setresuid(-1, -1, os.getuid()),
    ],
    ids=["setuid", "setgid", "setresuid"],
)
def test_the_user_cannot_be_changed(jail: Jail, act: Callable[[], None]) -> None:
    free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


def test_no_namespace_can_be_made(jail: Jail) -> None:
    clone_newuser = 0x10000000

    def act() -> int:
        return libc("unshare", clone_newuser)

    free, locked = jail.free(act), jail.locked(act)
    if was_refused(free):
        pytest.skip("this machine forbids user namespaces already")

    assert free.returned == 0
    assert was_refused(locked)


@needs_root
def test_nothing_can_be_mounted(jail: Jail) -> None:
    there, kind, detach = str(jail.scratch).encode(), b"tmpfs", 2

    def act() -> int:
        libc("mount", kind, there, kind, 0, None)
        return libc("umount2", there, detach)

    free, locked = jail.free(act), jail.locked(act)
    if was_refused(free):
        pytest.skip("this container forbids mounting already")

    assert free.returned == 0
    assert was_refused(locked)


@needs_x86_64
def test_a_call_by_its_x32_number_kills_the_process(jail: Jail) -> None:
    x32_getpid = 0x40000000 + 39

    def act() -> str:
        with contextlib.suppress(OSError):  # most kernels are built without x32
            libc("syscall", x32_getpid)
        return "alive"

    free, locked = jail.free(act), jail.locked(act)

    assert free.returned == "alive"
    assert locked.signal == signal.SIGSYS


@needs_x86_64
def test_a_32_bit_call_kills_the_process(jail: Jail) -> None:
    getpid_by_int_0x80 = bytes.fromhex("b814000000 cd80 c3")

    def act() -> bool:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(getpid_by_int_0x80)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid()

    free, locked = jail.free(act), jail.locked(act)
    if free.signal == signal.SIGSEGV:
        pytest.skip("this kernel has no 32-bit calls")

    assert free.returned is True
    assert locked.signal == signal.SIGSYS


def status_of_locked(jail: Jail) -> dict[str, str]:
    readable = (*LIBRARIES, "/proc")
    text = jail.locked(Path("/proc/self/status").read_text, readable=readable).returned
    return dict(line.split(":\t", 1) for line in text.splitlines())


def test_no_capability_is_left(jail: Jail) -> None:
    status = status_of_locked(jail)

    left = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}

    assert left == {"CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapAmb": 0}


@needs_root
def test_root_can_get_no_capability_back(jail: Jail) -> None:
    status = status_of_locked(jail)

    assert int(status["CapBnd"], 16) == 0


def test_privileges_cannot_be_gained_and_calls_are_filtered(jail: Jail) -> None:
    status = status_of_locked(jail)

    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_process_is_not_dumpable_and_cannot_become_so_again(jail: Jail) -> None:
    get_dumpable, set_dumpable = 3, 4

    def make_dumpable() -> int:
        libc("prctl", set_dumpable, 1, 0, 0, 0)
        return libc("prctl", get_dumpable, 0, 0, 0, 0)

    free, locked = jail.free(make_dumpable), jail.locked(make_dumpable)
    found = jail.locked(lambda: libc("prctl", get_dumpable, 0, 0, 0, 0))

    assert free.returned == 1
    assert was_refused(locked)
    assert found.returned == 0


# ----------------------------------------------------------------------------- network


def test_no_socket_can_be_made(jail: Jail) -> None:
    def act() -> None:
        socket.socket().close()

    free, locked = jail.free(act), jail.locked(act)

    assert free == Outcome()
    assert was_refused(locked)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["tcp", "unix"])
def test_a_socket_that_was_there_cannot_be_connected(jail: Jail, family: int) -> None:
    listener, client = socket.socket(family), socket.socket(family)
    with listener, client:
        listener.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(jail.outside / "s"))
        listener.listen()

        locked = jail.locked(lambda: client.connect(listener.getsockname()))
        free = jail.free(lambda: client.connect(listener.getsockname()))

    assert free == Outcome()
    assert was_refused(locked)


def test_a_datagram_reaches_the_connected_end_and_no_other(jail: Jail) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, other:
        other.bind(str(jail.outside / "other"))

        free = jail.free(lambda: ours.sendto(b"x", str(jail.outside / "other")))
        locked = jail.locked(lambda: ours.sendto(b"x", str(jail.outside / "other")))
        to_the_end = jail.locked(lambda: ours.send(b"x"))

    assert free.returned == 1
    assert was_refused(locked)
    assert to_the_end.returned == 1


def test_no_file_descriptor_can_be_passed(jail: Jail) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        free = jail.free(lambda: socket.send_fds(ours, [b"x"], [0]))
        locked = jail.locked(lambda: socket.send_fds(ours, [b"x"], [0]))

    assert free.returned == 1
    assert was_refused(locked)


# ------------------------------------------------------------------------------- limits


def test_memory_beyond_the_limit_is_a_memory_error(jail: Jail) -> None:
    def act() -> int:
        return len(bytearray(256 * MIB))

    free = jail.free(act)
    locked = jail.locked(act, address_space_bytes=bytes_mapped() + 64 * MIB)

    assert free.returned == 256 * MIB
    assert locked.raised == "MemoryError"


def test_the_limits_are_set_and_cannot_be_raised(jail: Jail) -> None:
    wanted = {"AS": 2**40, "FSIZE": 3 * MIB, "CPU": 9, "NOFILE": 50, "NPROC": 500, "CORE": 0}
    changes = {
        "address_space_bytes": wanted["AS"],
        "file_bytes": wanted["FSIZE"],
        "cpu_seconds": wanted["CPU"],
        "open_files": wanted["NOFILE"],
        "threads_of_uid": wanted["NPROC"],
    }

    def limits() -> dict[str, tuple[int, int]]:
        return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in wanted}

    def raise_one() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MIB, 4 * MIB))

    found, raised = jail.locked(limits, **changes), jail.locked(raise_one, **changes)

    assert found.returned == {name: [limit, limit] for name, limit in wanted.items()}
    assert raised.raised == "ValueError"


def test_a_stricter_limit_that_was_there_stays(jail: Jail) -> None:
    def lower_then_lock() -> tuple[int, int]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, MIB // 2))
        lockdown.lock_down(jail.config)
        return resource.getrlimit(resource.RLIMIT_FSIZE)

    outcome = jail.free(lower_then_lock)

    assert outcome.returned == [MIB // 2, MIB // 2]


def test_cpu_seconds_end_a_process_that_ignores_the_warning(jail: Jail) -> None:
    def act() -> None:
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass

    outcome = jail.locked(act, cpu_seconds=1)

    assert outcome.signal == signal.SIGKILL


def test_a_locked_process_dies_with_its_parent(jail: Jail) -> None:
    read_end, write_end = os.pipe()

    def be_left_behind() -> None:
        try:
            os.closerange(3, write_end)  # or in_child would wait for this process as well
            os.closerange(write_end + 1, 1024)
            signal.alarm(60)  # if the test fails
            lockdown.lock_down(jail.config)
            os.write(write_end, b"locked")
            signal.pause()
        finally:
            os._exit(1)

    def leave_a_locked_child_behind() -> None:
        if os.fork() == 0:
            be_left_behind()
        select.select([read_end], [], [], 20)

    outcome = jail.free(leave_a_locked_child_behind)
    os.close(write_end)
    with os.fdopen(read_end, "rb", buffering=0) as stream:
        said = stream.read(6)
        at_its_end, _, _ = select.select([stream], [], [], 20)

    assert outcome == Outcome()
    assert said == b"locked"
    assert at_its_end


# --------------------------------------------------------------------------- the layers


def test_every_layer_that_is_available_is_put_on_and_named(jail: Jail) -> None:
    available = lockdown.available_layers()

    active = jail.free(lambda: lockdown.lock_down(jail.config)).returned

    assert tuple(active) == available
    assert {name.partition(":")[0] for name in available} >= {
        *("no-new-privileges", "no-capabilities", "non-dumpable", "parent-death-signal"),
        *("rlimits", "seccomp"),
    }


def test_a_kernel_without_landlock_is_locked_down_without_it(
    jail: Jail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 0)

    active = jail.free(lambda: lockdown.lock_down(jail.config))

    assert "seccomp" in active.returned
    assert not [name for name in active.returned if name.startswith("landlock")]


@needs_landlock
def test_a_layer_that_cannot_be_put_on_is_an_error_with_its_name(jail: Jail) -> None:
    loop = jail.outside / "loop"
    loop.symlink_to(loop)

    outcome = jail.locked(lambda: None, readable=(str(loop),))

    assert outcome.errno == errno.ELOOP
    assert outcome.text.partition("] ")[2].startswith(f"landlock:{landlock.abi()}: ")


@needs_landlock
@pytest.mark.parametrize("abi", range(1, landlock.abi() + 1))
def test_every_older_landlock_can_be_put_on(jail: Jail, abi: int) -> None:
    def act() -> str:
        libc("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        landlock.restrict([str(jail.outside)], [str(jail.scratch)], abi)
        (jail.scratch / "new.txt").write_text("new")
        return (jail.outside / "secret.txt").read_text()

    outcome = jail.free(act)

    assert outcome.returned == "expected value"


@pytest.mark.parametrize(
    ("since_abi", "act"),
    [
        (1, lambda jail: os.execv(jail.outside / "program.sh", ["program"])),
        (1, lambda jail: (jail.scratch / "link").symlink_to("/etc")),
        (1, lambda jail: os.mkfifo(jail.scratch / "fifo")),
        (4, lambda jail: socket.socket().bind(("127.0.0.1", 0))),
        (5, lambda jail: fcntl.ioctl(os.open("/dev/null", os.O_RDONLY), TCGETS)),
        (6, lambda jail: os.kill(os.getppid(), signal.SIGCONT)),
    ],
    ids=["exec", "symlink", "fifo", "bind", "ioctl on a device", "signal"],
)
def test_landlock_forbids_without_the_other_layers(
    jail: Jail, since_abi: int, act: Callable[[Jail], None]
) -> None:
    if landlock.abi() < since_abi:
        pytest.skip(f"Landlock {landlock.abi()} does not know of it")

    def restrict_then_act() -> None:
        libc("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        landlock.restrict(["/"], [str(jail.scratch)], landlock.abi())
        act(jail)

    locked, free = jail.free(restrict_then_act), jail.free(lambda: act(jail))

    assert not was_refused(free)
    assert was_refused(locked)


@pytest.mark.parametrize(
    ("abi", "expected"),
    [
        (1, (0x1FFF, 0, 0)),
        (2, (0x3FFF, 0, 0)),
        (3, (0x7FFF, 0, 0)),
        (4, (0x7FFF, 3, 0)),
        (5, (0xFFFF, 3, 0)),
        (6, (0xFFFF, 3, 3)),
        (7, (0xFFFF, 3, 3)),
    ],
)
def test_an_older_landlock_is_asked_for_all_that_it_knows_and_no_more(
    abi: int, expected: tuple[int, int, int]
) -> None:
    assert landlock.handled(abi) == expected


@needs_landlock
def test_a_readable_path_that_does_not_exist_is_passed_over(jail: Jail) -> None:
    given = jail.outside / "secret.txt"
    readable = (str(jail.outside / "missing"), str(given / "not a folder"), str(given))

    outcome = jail.locked(given.read_text, readable=readable)

    assert outcome.returned == "expected value"


def test_a_second_thread_stops_the_lock_down(jail: Jail) -> None:
    def act() -> None:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        lockdown.lock_down(jail.config)

    outcome = jail.free(act)

    assert outcome.errno == errno.EBUSY
    assert "single-thread: " in outcome.text


@pytest.mark.parametrize(("threads", "stopped_at"), [(0, "landlock: "), (1, "single-thread: ")])
def test_threads_are_counted_where_a_filter_like_dockers_forbids_to_ask(
    jail: Jail, threads: int, stopped_at: str
) -> None:
    def act() -> None:  # our own filter is the one that forbids
        for _ in range(threads):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        lockdown.lock_down(jail.config)

    outcome = jail.locked(act)

    assert stopped_at in outcome.text


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(ValueError, match="absolute"):
        lockdown.Lockdown(("lib",), (), address_space_bytes=1, file_bytes=1, cpu_seconds=1)


# --------------------------------------------------- the filter, read as the kernel reads it

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OTHERS = {"x86_64": "aarch64", "aarch64": "x86_64"}
OWN, FOREIGN = 4711, 4712
both_machines = pytest.mark.parametrize("machine", ARCHITECTURE)


def verdict(machine: str, call: str | int, *arguments: int, architecture: int | None = None) -> int:
    """The filter's answer to a call by name or number, interpreted as in linux/filter.h."""
    number = CALLS[machine][call] if isinstance(call, str) else call
    values = [argument % 2**64 for argument in arguments] + [0] * (6 - len(arguments))
    arch = ARCHITECTURE[machine] if architecture is None else architecture
    data = struct.pack("=IIQ6Q", number, arch, 0, *values)
    program = seccomp.compile_filter(machine).for_pid(OWN)
    code = list(struct.iter_unpack("=HBBI", program))
    accumulator, position = 0, 0
    while True:
        operation, if_true, if_false, k = code[position]
        position += 1
        match operation:
            case 0x20:  # LD W ABS
                (accumulator,) = struct.unpack_from("=I", data, k)
            case 0x54:  # AND K
                accumulator &= k
            case 0x15:  # JEQ K
                position += if_true if accumulator == k else if_false
            case 0x35:  # JGE K
                position += if_true if accumulator >= k else if_false
            case 0x06:  # RET K
                return k
            case _:
                raise AssertionError(f"unknown operation {operation:#x}")


def numbers_of(machine: str) -> dict[str, int]:
    tables = (*seccomp.ALLOWED.values(), seccomp.RESTRICTED, seccomp.MISSING)
    return seccomp.numbers(" ".join(tables), machine)


CALLS = {machine: numbers_of(machine) for machine in ARCHITECTURE}


@both_machines
def test_calls_of_another_machine_kill(machine: str) -> None:
    answer = verdict(machine, "read", architecture=ARCHITECTURE[OTHERS[machine]])

    assert answer == KILL


@both_machines
def test_every_number_gets_the_verdict_of_its_list(machine: str) -> None:
    allowed = seccomp.numbers(" ".join(seccomp.ALLOWED.values()), machine).values()
    restricted = seccomp.numbers(seccomp.RESTRICTED, machine).values()
    missing = seccomp.numbers(seccomp.MISSING, machine).values()
    plain = [n for n in range(seccomp.FIRST_UNKNOWN) if n not in restricted]

    answers = {n: verdict(machine, n) for n in plain}

    assert answers == {
        n: ALLOW if n in allowed else ENOSYS if n in missing else EPERM for n in plain
    }


@both_machines
@pytest.mark.parametrize(
    ("name", "x86_64", "aarch64"),
    [
        *(("socket", 41, 198), ("connect", 42, 203), ("bind", 49, 200), ("socketpair", 53, 199)),
        *(("sendmsg", 46, 211), ("recvmsg", 47, 212), ("sendmmsg", 307, 269)),
        *(("execve", 59, 221), ("execveat", 322, 281), ("ptrace", 101, 117)),
        *(("process_vm_writev", 311, 271), ("pidfd_open", 434, 434), ("pidfd_getfd", 438, 438)),
        *(("io_uring_setup", 425, 425), ("bpf", 321, 280), ("userfaultfd", 323, 282)),
        *(("perf_event_open", 298, 241), ("keyctl", 250, 219), ("mount", 165, 40)),
        *(("unshare", 272, 97), ("setns", 308, 268), ("setuid", 105, 146), ("chroot", 161, 51)),
        *(("fchmodat", 268, 53), ("setpriority", 141, 140), ("inotify_add_watch", 254, 27)),
        *(("open_by_handle_at", 304, 265), ("setsid", 112, 157), ("seccomp", 317, 277)),
    ],
)
def test_a_dangerous_call_is_refused(machine: str, name: str, x86_64: int, aarch64: int) -> None:
    answer = verdict(machine, {"x86_64": x86_64, "aarch64": aarch64}[machine])

    assert answer == EPERM, name


def test_the_x32_bit_kills() -> None:
    answers = {verdict("x86_64", 0x40000000 + n) for n in (0, 39, 59, 0x3FFFFFFF, 0xBFFFFFFF)}

    assert answers == {KILL}


@both_machines
def test_calls_that_we_never_heard_of_do_not_exist(machine: str) -> None:
    answers = {verdict(machine, n) for n in (seccomp.FIRST_UNKNOWN, 1000, 0x3FFFFFFF)}

    assert answers == {ENOSYS}


PTHREAD = 0x3D0F00  # what glibc's pthread_create passes
SIGCHLD = 17


@both_machines
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (PTHREAD,), ALLOW),
        ("clone", (PTHREAD & ~0x10000,), EPERM),  # CLONE_THREAD
        ("clone", (SIGCHLD,), EPERM),
        ("clone", (0x4100 | SIGCHLD,), EPERM),  # vfork
        ("clone", (PTHREAD | 0x10000000,), EPERM),  # CLONE_NEWUSER
        ("clone3", (), ENOSYS),
        ("kill", (OWN, 9), ALLOW),
        ("kill", (FOREIGN, 9), EPERM),
        ("kill", (0, 9), EPERM),
        ("kill", (-1, 9), EPERM),
        ("kill", (-OWN, 9), EPERM),
        ("tgkill", (OWN, FOREIGN, 9), ALLOW),  # the kernel checks that the thread is of OWN
        ("tgkill", (FOREIGN, OWN, 9), EPERM),
        ("tkill", (FOREIGN, 9), EPERM),
        ("rt_sigqueueinfo", (FOREIGN, 9), EPERM),
        ("rt_tgsigqueueinfo", (FOREIGN, OWN, 9), EPERM),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (OWN, 7), ALLOW),
        ("prlimit64", (FOREIGN, 7), EPERM),
        ("prctl", (15,), ALLOW),  # PR_SET_NAME
        ("prctl", (1,), EPERM),  # PR_SET_PDEATHSIG
        ("prctl", (4,), EPERM),  # PR_SET_DUMPABLE
        ("prctl", (22,), EPERM),  # PR_SET_SECCOMP
        ("ioctl", (0, 0x5401), ALLOW),  # TCGETS
        ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
        ("ioctl", (0, 0x8901), EPERM),  # FIOSETOWN
        ("fcntl", (0, 1030), ALLOW),  # F_DUPFD_CLOEXEC
        ("fcntl", (0, 8), EPERM),  # F_SETOWN
        ("fcntl", (0, 10), EPERM),  # F_SETSIG
        ("fcntl", (0, 1024), EPERM),  # F_SETLEASE
        ("sendto", (3, 0xBEEF, 9, 0x4000, 0, 0), ALLOW),  # MSG_NOSIGNAL
        ("sendto", (3, 0xBEEF, 9, 1, 0, 0), EPERM),  # MSG_OOB
        ("sendto", (3, 0xBEEF, 9, 0, 0xBEEF, 110), EPERM),  # an address
        ("recvfrom", (3, 0xBEEF, 9, 0x100), ALLOW),  # MSG_WAITALL
        ("recvfrom", (3, 0xBEEF, 9, 1), EPERM),  # MSG_OOB
    ],
)
def test_a_restricted_call_is_judged_by_its_arguments(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    answer = verdict(machine, call, *arguments)

    assert answer == expected


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_those_of_the_kernel_headers(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed")
    define = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)
    truth = {name: int(number) for name, number in define.findall(Path(header).read_text())}
    truth.setdefault("newfstatat", truth.get("fstatat", -1))

    wrong = {name: n for name, n in CALLS[machine].items() if truth.get(name) != n}

    assert wrong == {}


@pytest.mark.parametrize(("code", "expected"), [(0x1023, ALLOW), (0x1002, EPERM)])
def test_x86_64_registers_are_asked_for_but_not_set(code: int, expected: int) -> None:
    assert verdict("x86_64", "arch_prctl", code) == expected  # ARCH_REQ_XCOMP_PERM, ARCH_SET_FS


def test_a_machine_without_a_table_is_an_error() -> None:
    with pytest.raises(OSError, match="riscv64"):
        seccomp.compile_filter("riscv64")


# ----------------------------------------------------------- what student code goes on doing

ABILITIES: dict[str, Callable[[], None]] = {}


def ability(act: Callable[[], None]) -> Callable[[], None]:
    """Registers what must work; it runs in the scratch folder and fails by raising."""
    ABILITIES[act.__name__] = act
    return act


@ability
def threads_run_and_are_joined() -> None:
    done: list[int] = []
    threads = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        squares = list(pool.map(lambda n: n * n, range(20)))
    assert sorted(done) == list(range(8))
    assert squares[-1] == 361


@ability
def tensors_are_multiplied() -> None:
    import torch

    assert torch.equal(torch.ones(200, 300) @ torch.ones(300, 100), torch.full((200, 100), 300.0))


@ability
def torch_convolves_in_both_directions() -> None:
    import torch

    layer = torch.nn.Conv2d(3, 8, kernel_size=3)
    layer(torch.rand(4, 3, 32, 32)).square().sum().backward()
    assert layer.weight.grad is not None


@ability
def torch_convolves_in_bfloat16() -> None:
    import torch

    layer = torch.nn.Conv2d(3, 8, kernel_size=3).bfloat16()
    assert layer(torch.rand(4, 3, 32, 32).bfloat16()).shape == (4, 8, 30, 30)


@ability
def an_optimiser_steps() -> None:
    import torch

    layer = torch.nn.Linear(2, 1)
    start = layer.weight.detach().clone()
    optimiser = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    assert not torch.equal(layer.weight, start)


@ability
def a_data_loader_iterates() -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    batches = list(DataLoader(TensorDataset(torch.arange(10)), batch_size=4, shuffle=True))
    assert len(batches) == 3


@ability
def tensors_are_saved_and_loaded() -> None:
    import torch

    torch.save({"kernel": torch.eye(2)}, "kernel.pt")
    assert torch.equal(torch.load("kernel.pt", mmap=True)["kernel"], torch.eye(2))


@ability
def numpy_draws_and_solves() -> None:
    import numpy as np

    matrix = np.random.default_rng(0).normal(size=(50, 50)) + np.random.rand(50, 50)
    np.save("matrix.npy", matrix)
    assert np.allclose(np.linalg.inv(np.load("matrix.npy")) @ matrix, np.eye(50), atol=1e-6)


@ability
def a_library_module_with_native_code_is_imported_late() -> None:
    assert "sqlite3" not in sys.modules
    import sqlite3

    with sqlite3.connect("marks.db") as database:
        database.execute("create table marks (points integer)")
        database.execute("insert into marks values (25)")
    assert sqlite3.connect("marks.db").execute("select points from marks").fetchone() == (25,)


@ability
def a_package_with_native_code_is_imported_late() -> None:
    assert "msgspec" not in sys.modules
    import msgspec

    assert msgspec.json.decode(b"[1]") == [1]


@ability
def a_module_of_pure_python_is_imported_late() -> None:
    assert "wave" not in sys.modules
    import decimal
    import wave

    assert decimal.Decimal("0.1") * 3 == decimal.Decimal("0.3")
    assert wave.WAVE_FORMAT_PCM == 1


@ability
def scratch_files_are_made_moved_and_deleted() -> None:
    Path("a").mkdir()
    Path("b").mkdir()
    Path("a/one.txt").write_text("one")
    Path("a/one.txt").rename("b/two.txt")
    with Path("b/two.txt").open("r+") as stream:
        stream.truncate(2)
    assert names_in(Path("b")) == ["two.txt"]
    assert Path("b/two.txt").read_text() == "on"
    Path("b/two.txt").unlink()
    Path("b").rmdir()
    assert names_in(Path()) == ["a"]


@ability
def temporary_files_come_and_go() -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as one:
        one.write(b"text")
        assert Path(folder).parent == Path.cwd()
    with tempfile.TemporaryFile() as two:
        two.write(b"text")
    assert names_in(Path()) == []


@ability
def files_are_copied() -> None:
    import shutil

    Path("from").write_bytes(bytes(100_000))
    shutil.copyfile("from", "to")
    assert Path("to").stat().st_size == 100_000


@ability
def the_clock_and_the_time_zone_work() -> None:
    import datetime
    import zoneinfo

    time.sleep(0.001)
    shanghai = zoneinfo.ZoneInfo("Asia/Shanghai")
    assert datetime.datetime(2026, 1, 1, tzinfo=shanghai).utcoffset() == datetime.timedelta(hours=8)
    assert datetime.datetime.now().astimezone().tzinfo is not None
    os.environ["TZ"] = "CET-1"
    time.tzset()
    assert time.timezone == -3600


@ability
def chance_and_unique_names_work() -> None:
    import secrets
    import uuid

    assert len({uuid.uuid1(), uuid.uuid4(), uuid.uuid4()}) == 3
    assert len(os.urandom(8) + secrets.token_bytes(8) + os.getrandom(8)) == 24
    assert 0 <= random.SystemRandom().random() < 1


@ability
def the_machine_is_described() -> None:
    import multiprocessing

    assert os.cpu_count() and multiprocessing.cpu_count() and os.sched_getaffinity(0)
    assert platform.platform() and os.uname() and os.getpid() and Path.cwd()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


@ability
def printing_works_wherever_it_goes() -> None:
    print("to the inherited output", flush=True)
    print("and to the inherited errors", file=sys.stderr, flush=True)
    os.dup2(os.open("output", os.O_CREAT | os.O_WRONLY), 1)
    print("and to a file", flush=True)
    assert os.fstat(1).st_size == 14
    assert not os.isatty(1)


@ability
def signals_to_itself_are_handled() -> None:
    seen: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
    signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    signal.pause()
    assert seen == [signal.SIGUSR1] * 3 + [signal.SIGALRM]


@ability
def waiting_for_pipes_works_in_every_way() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"x")
    poll, epoll = select.poll(), select.epoll()
    poll.register(read_end, select.POLLIN)
    epoll.register(read_end, select.EPOLLIN)
    os.set_blocking(read_end, False)
    assert select.select([read_end], [], [], 0)[0] == [read_end]
    assert poll.poll(0) and epoll.poll(0)


@ability
def the_inherited_socket_answers() -> None:
    ours, theirs = SOCKETS
    ours.sendall(b"question")
    assert theirs.recv(8) == b"question"
    os.write(theirs.fileno(), b"answer")
    ours.settimeout(5)
    into = bytearray(6)
    assert ours.recv_into(into) == 6


@ability
def memory_is_mapped_shared_and_grown() -> None:
    with mmap.mmap(-1, 4 * MIB) as memory:
        memory.write(b"x" * MIB)
        memory.resize(8 * MIB)
        memory.madvise(mmap.MADV_DONTNEED)
    assert ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 42)() == 42


@ability
def an_error_of_the_sandbox_is_an_ordinary_exception() -> None:
    for refused in (lambda: socket.socket(), lambda: subprocess.run(["true"]), os.fork):
        try:
            refused()
        except PermissionError:
            continue
        raise AssertionError(refused)


SOCKETS = socket.socketpair() if __name__ == "__main__" else ()


def main() -> None:
    """Tries every ability in a locked-down child of a torch-loaded process; prints how it went."""
    import torch

    torch.set_num_threads(1)
    torch.ones(2, 2) @ torch.ones(2, 2)
    lockdown.available_layers()
    outcomes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, act in ABILITIES.items():
            scratch = Path(folder, name)
            scratch.mkdir()
            config = dataclasses.replace(config_for(scratch), file_bytes=64 * MIB)

            def enter(scratch: Path = scratch, config: lockdown.Lockdown = config) -> None:
                os.chdir(scratch)
                tempfile.tempdir = str(scratch)
                signal.alarm(60)  # a torch that hangs is a failure, not a test that never ends
                lockdown.lock_down(config)

            outcomes[name] = dataclasses.asdict(in_child(act, before=enter))
    os.write(OUTCOMES_FD, json.dumps(outcomes).encode())


OUTCOMES_FD = int(sys.argv[1]) if __name__ == "__main__" else -1


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    read_end, write_end = os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, __file__, str(write_end)],
        env=environment,
        pass_fds=[write_end],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        return {name: Outcome(**outcome) for name, outcome in json.load(stream).items()}


@pytest.mark.parametrize("name", ABILITIES)
def test_ordinary_student_code_goes_on_working(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name] == Outcome()


if __name__ == "__main__":
    main()
