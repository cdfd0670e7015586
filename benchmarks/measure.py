"""What a command costs: wall and CPU seconds of all its processes, and the memory of each."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

SAMPLE_SECONDS = 0.5
_PR_SET_CHILD_SUBREAPER = 36
_LINGERING_SECONDS = 30.0
# Made new namespaces, forked the zygote into them, and waits: without torch.
_STARTER = "starter of a zygote"
_PAGES_OF_TORCH = 64 * 2**20 // os.sysconf("SC_PAGE_SIZE")


class Peak(msgspec.Struct):
    """The most one process of a role was seen to have, and how many there were at once."""

    pss_mib: float = 0.0  # shared pages divided among those who share them
    rss_mib: float = 0.0
    processes: int = 0


class Cost(msgspec.Struct, frozen=True):
    """What one run took. ``peaks`` has a role each, and "all together", where it was sampled."""

    wall_seconds: float
    cpu_seconds: float
    exit_code: int
    started_at: float
    peaks: dict[str, Peak] = {}


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    sampled: bool = False,
    allowed: Sequence[int] = (0,),
) -> Cost:
    """Run ``command`` to its end and say what it took, with what it printed in ``log``.

    CPU counts every process below it, also one that its parent did not wait for: such a one
    becomes ours. This process may start nothing else meanwhile.

    Raises RuntimeError where the exit code is none of ``allowed``; it holds the end of the log.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    log.parent.mkdir(parents=True, exist_ok=True)
    others, before = set(_children(os.getpid())), _children_seconds()
    started_at, start = time.time(), time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if environment is None else {**os.environ, **environment},
        )
        sampler = Sampler(process.pid) if sampled else None
        exit_code = process.wait()
        wall = time.perf_counter() - start
    peaks = sampler.stop() if sampler else {}
    _wait_for_orphans(others)
    if exit_code not in allowed:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{command[0]} ended with exit code {exit_code}: {log}\n{tail}")
    return Cost(wall, _children_seconds() - before, exit_code, started_at, peaks)


def _children_seconds() -> float:
    """CPU seconds of all children that were waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for_orphans(others: set[int]) -> None:
    """CPU time counts when a process is waited for, so none but the ``others`` may be left over."""
    deadline = time.monotonic() + _LINGERING_SECONDS
    while left := set(_children(os.getpid())) - others:
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            raise RuntimeError(f"left over {_LINGERING_SECONDS:.0f} s after the end: {left}")
        time.sleep(0.05)


class Sampler:
    """Looks at a process and all below it twice a second, in a thread of its own."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._peaks: dict[str, Peak] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, Peak]:
        """The peaks by role (grader, worker, zygote, child, …), and those of all together."""
        self._ended.set()
        self._thread.join()
        return self._peaks

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        counted: dict[str, int] = {}
        together = Peak()
        for pid, role in _tree(self._root):
            memory = _memory_mib(pid)
            if memory is None:
                continue  # it has ended since
            pss, rss = memory
            counted[role] = counted.get(role, 0) + 1
            peak = self._peaks.setdefault(role, Peak())
            peak.pss_mib, peak.rss_mib = max(peak.pss_mib, pss), max(peak.rss_mib, rss)
            together.pss_mib += pss
            together.rss_mib += rss
        for role, count in counted.items():
            self._peaks[role].processes = max(self._peaks[role].processes, count)
        whole = self._peaks.setdefault("all together", Peak())
        whole.pss_mib = max(whole.pss_mib, together.pss_mib)
        whole.rss_mib = max(whole.rss_mib, together.rss_mib)
        whole.processes = max(whole.processes, sum(counted.values()))


def _tree(root: int) -> list[tuple[int, str]]:
    """Every process at and below ``root`` with its role."""
    found: list[tuple[int, str]] = []
    waiting = [(root, "grader")]
    while waiting:
        pid, role = waiting.pop()
        found.append((pid, role))
        waiting += [(child, _role(child, role)) for child in _children(pid)]
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return children


def _role(pid: int, of_its_parent: str) -> str:
    """A zygote is started by its file; what it forks has the same command line."""
    if of_its_parent in ("zygote", "child"):
        return "child"
    if of_its_parent == _STARTER:
        return "zygote"
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "worker"
    if Path(os.fsdecode(command[0])).name in ("bwrap", "setpriv"):
        return "bubblewrap"  # which has the zygote's file among its arguments
    if any(part.endswith(b"zygote.py") for part in command):
        return _STARTER if _pages(pid) < _PAGES_OF_TORCH else "zygote"
    return "worker"


def _memory_mib(pid: int) -> tuple[float, float] | None:
    """PSS and RSS; None where the process has ended. PSS is 0 where only root may read it."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError:
        return 0.0, _pages(pid) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return None
    sizes = dict(re.findall(r"^(Pss|Rss):\s*(\d+)", rollup, re.MULTILINE))
    return int(sizes.get("Pss", 0)) / 1024, int(sizes.get("Rss", 0)) / 1024


def _pages(pid: int) -> int:
    """Resident pages; 0 where the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
