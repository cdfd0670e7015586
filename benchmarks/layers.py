"""What the layers cost one submission over a bare fork, side by side in one run.

A process with torch loaded, as the zygote is, forks children in turn: bare ones, which only tell
that they are there, and ones that first put on all their layers. Wall time is taken until the
child tells, and until it is gone after SIGKILL. Machines differ, so look at the difference.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from autograder.sandbox.inside import child, lockdown, namespaces, zygote
from autograder.sandbox.launch import environment, readable

ROUNDS = 300
MIB = 2**20


def main() -> None:
    if len(sys.argv) == 1:  # the environment of a zygote, with its huge pages, needs a new process
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-s", "-P", __file__, folder]
            subprocess.run(command, check=True, env=dict(environment(folder)))
        return
    scratch = sys.argv[1]
    own = namespaces.enter()
    sys.modules["inside"] = sys.modules["autograder.sandbox.inside"]  # as the zygote calls it
    zygote.warm_up()
    lockdown.shut_memory()
    lockdown.available_layers()  # compiles the filter, as there
    gc.collect()
    gc.freeze()
    config = child.ChildConfig(
        layers=(),
        stand_ins=(),
        readable=readable(),
        scratch=scratch,
        private_scratch=True,
        landlock=True,
        memory_bytes=1024 * MIB,
        file_bytes=16 * MIB,
        threads=None,
        cpu_seconds=3600,
    )
    without = msgspec.structs.replace(config, private_scratch=False)
    mapped = zygote._mapped_bytes()
    bare: list[tuple[float, float]] = []
    locked: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        bare.append(_one(os.fork, lambda: child._move_to_scratch(without)))
        locked.append(_one(own.fork, lambda: _lock(config, mapped)))
    for name, position in (("until it answers", 0), ("until it is gone", 1)):
        base = statistics.median(times[position] for times in bare) * 1e3
        full = statistics.median(times[position] for times in locked) * 1e3
        print(
            f"{name}: bare fork {base:6.2f} ms, all layers {full:6.2f} ms, "
            f"{full - base:+.2f} ms a submission"
        )


def _lock(config: child.ChildConfig, mapped: int) -> None:
    child._move_to_scratch(config)
    child._shut_in(config, mapped)


def _one(fork: object, lock: object) -> tuple[float, float]:
    ours, theirs = socket.socketpair()
    start = time.perf_counter()
    pid = fork()  # type: ignore[operator]
    if pid == 0:
        try:
            child._let_go_of_everything_but(theirs)
            lock()  # type: ignore[operator]
            theirs.send(b"x")
            theirs.recv(1)
        finally:
            os._exit(1)
    assert ours.recv(1) == b"x"
    there = time.perf_counter() - start
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    ours.close()
    theirs.close()
    return there, time.perf_counter() - start


if __name__ == "__main__":
    assert Path("/proc/self").exists(), "Linux only"
    main()
