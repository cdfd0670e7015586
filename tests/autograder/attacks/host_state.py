"""What there is on the host that an attack could leave behind: looked at before and after.

Other programs run on the same machine. So processes are those that descend from the grader, which
adopts its orphans; files are compared exactly in folders that only the grader uses, and by name in
those everybody uses; sockets do not count that another process holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

MARK = "hostile"  # in the name of every file that an attack tries to leave outside
_PR_SET_CHILD_SUBREAPER = 36
_SETTLING_SECONDS = 3.0
_SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/root", "/etc", "/usr/lib", "/", "/dev/mqueue")


class HostState(msgspec.Struct, frozen=True):
    """One look at the host; each is a set of lines that name one thing."""

    processes: frozenset[str]
    files: frozenset[str]
    sockets: frozenset[str]
    ipc: frozenset[str]
    descriptors: frozenset[str]


def adopt_orphans() -> None:
    """From now on a process whose parent dies becomes ours, so that none can hide."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("the kernel refuses to make this process a subreaper")


def look(own: Path) -> HostState:
    """The host now; ``own`` is the folder that only this grader and its sandbox write in."""
    tree = descendants(os.getpid())
    return HostState(
        processes=frozenset(f"process {pid} {what}" for pid, what in tree.items()),
        files=frozenset((*_own_files(own), *_marked_files())),
        sockets=frozenset(_sockets({os.getpid(), *tree})),
        ipc=frozenset(_ipc()),
        descriptors=frozenset(f"descriptor {n}" for n in _descriptors()),
    )


def bury_orphans(ours: frozenset[int]) -> None:
    """Reap what we adopted and what has ended; on other days the system's init does that.

    ``ours`` are the processes that the grader started and has to wait for: they stay zombies.
    """
    for pid in children() - ours:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def children() -> frozenset[int]:
    """The processes whose parent we are, by birth or by adoption."""
    return frozenset(pid for pid, parent in _parents().items() if parent == os.getpid())


def look_when_quiet(own: Path) -> HostState:
    """The host once nothing changes any more: what was killed takes a moment to go."""
    state = look(own)
    for _attempt in range(100):
        time.sleep(0.05)
        last, state = state, look(own)
        if last == state:
            break
    return state


def differences(before: HostState, after: HostState) -> list[str]:
    """What is there now and was not, and what is gone."""
    lines = []
    for field in HostState.__struct_fields__:
        had, has = getattr(before, field), getattr(after, field)
        lines += [f"left: {line}" for line in sorted(has - had)]
        if field != "sockets":  # other programs close theirs when they like
            lines += [f"gone: {line}" for line in sorted(had - has)]
    return lines


def settled(before: HostState, own: Path, ours: frozenset[int]) -> list[str]:
    """``differences`` once the kernel has had time to end what was killed."""
    deadline = time.monotonic() + _SETTLING_SECONDS
    while True:
        bury_orphans(ours)
        found = differences(before, look(own))
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def descendants(root: int) -> dict[int, str]:
    """Every process below ``root``, and what it is, by number."""
    parents = _parents()
    found: dict[int, str] = {}
    pending = [root]
    while pending:
        parent = pending.pop()
        below = [pid for pid, its in parents.items() if its == parent]
        found.update((pid, _described(pid)) for pid in below)
        pending += below
    return found


def _parents() -> dict[int, int]:
    return {
        int(entry.name): int(fields[1])
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and (fields := _fields(int(entry.name)))
    }


def _described(pid: int) -> str:
    """Its name and start, and its state where that is a bad one."""
    fields = _fields(pid)
    if not fields:
        return "ended"
    state = {"Z": " zombie", "T": " stopped", "t": " traced"}.get(fields[0], "")
    with contextlib.suppress(OSError):
        return f"{Path(f'/proc/{pid}/comm').read_text().strip()} since {fields[19]}{state}"
    return "ended"


def _fields(pid: int) -> list[str]:
    """What follows the name in proc_pid_stat(5), state first; nothing when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _own_files(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            with contextlib.suppress(OSError):
                status = path.lstat()
                changed = f" {status.st_size} bytes, changed {status.st_mtime_ns}"
                # A folder's time changes with every scratch in it; its log may grow.
                quiet = name in folders or name == "zygote.log"
                yield f"{path} mode {status.st_mode:o}{'' if quiet else changed}"


def _marked_files() -> Iterator[str]:
    for folder in (*map(Path, _SHARED), Path.home(), Path.cwd(), *_packages()):
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if MARK in path.name or path.name in ("sitecustomize.py", "usercustomize.py"):
                    yield str(path)


def _packages() -> Iterable[Path]:
    return map(Path, {sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), sys.prefix})


def _sockets(ours: set[int]) -> Iterator[str]:
    """Sockets with an address, less those that a process not of ``ours`` holds."""
    found: dict[str, str] = {}
    for kind, column in (("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("unix", 6)):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]:
                fields = line.split()
                address = fields[1] if kind != "unix" else " ".join(fields[7:])
                if address and len(fields) > column and fields[column] != "0":
                    found[fields[column]] = f"socket {kind} {address}"
    if found:
        for inode in _held_by_others(ours):
            found.pop(inode, None)
    return iter(found.values())


def _held_by_others(ours: set[int]) -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) not in ours:
            with contextlib.suppress(OSError):
                for fd in (entry / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        target = str(fd.readlink())
                        if target.startswith("socket:["):
                            yield target[8:-1]


def _ipc() -> Iterator[str]:
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
                yield f"System V {kind} {line.split()[1]}"


def _descriptors() -> list[str]:
    """Our own open files; the one that lists them is gone when its target is asked for."""
    found = []
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(f"{fd.name} {fd.readlink()}")
    return found
