"""How many grading processes this machine takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from autograder.messages import _
from autograder.spec import Limits

# What a grading process and its fork server take of their own, torch loaded in both.
_OWN_MIB = 700
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def usable_jobs(
    asked: int | None, limits: Limits, notice: Callable[[str], None], free_mib: float | None = None
) -> int:
    """The number of processes to start: what is asked, or the cores, as far as memory allows.

    ``notice`` is told where memory allows fewer. ``free_mib`` is looked up where it is not given.
    """
    wanted = asked or len(os.sched_getaffinity(0))
    free = _free_mib() if free_mib is None else free_mib
    each = _OWN_MIB + limits.memory_mib
    fit = wanted if free >= wanted * each else max(1, int(free // each))
    if fit >= wanted:
        return wanted
    notice(
        _(
            "{fit} of {wanted} jobs: each may take {each} MiB of memory, and {free:.0f} MiB are "
            "free"
        ).format(fit=fit, wanted=wanted, each=each, free=free)
    )
    return fit


def _free_mib() -> float:
    """Of the machine, or of the container where that has less; endless where nothing tells."""
    free = [float("inf")]
    try:
        lines = _MEMINFO.read_text().splitlines()
        free += [int(line.split()[1]) / 2**10 for line in lines if line.startswith("MemAvailable:")]
        limit = (_CGROUP / "memory.max").read_text().strip()
        if limit.isdigit():
            used = int((_CGROUP / "memory.current").read_text())
            free.append((int(limit) - used + _kept_of_files()) / 2**20)
    except OSError:
        pass
    return min(free)


def _kept_of_files() -> int:
    """Bytes of files that the container keeps in memory, and gives up when it needs them."""
    try:
        lines = (_CGROUP / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
