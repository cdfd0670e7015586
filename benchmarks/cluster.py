"""What Dask adds: a scheduler and two workers on loopback beside two local jobs, in turn.

The workers of a cluster have started before, the local jobs start with the run, so what is compared
is the wall time from the first report on. A small class goes first, outside of the time.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import ours
from figures import Figure, options, publish, ratios, say

_COMMAND = "autograder grade CLASS --output OUT"
_START_SECONDS = 60.0


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("--students", type=int, default=1000, help="in the class")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if not ours.offers("--dask"):
        say("autograder grade has no --dask: nothing to compare")
        return
    local: list[float] = []
    dask: list[float] = []
    with loopback_cluster(workers=2) as address:
        _graded(10, "--dask", address)
        for number in range(given.rounds):
            local.append(_graded(given.students, "--jobs", "2"))
            dask.append(_graded(given.students, "--dask", address))
            say(
                f"round {number + 1}: {1e3 * local[-1]:.1f} ms a submission with two jobs, "
                f"{1e3 * dask[-1]:.1f} ms with Dask"
            )
    by = ".venv/bin/python benchmarks/cluster.py"
    figures = [
        _wall("two local jobs", local, f"{_COMMAND} --jobs 2"),
        _wall("Dask, two workers", dask, f"{_COMMAND} --dask tcp://127.0.0.1:PORT"),
        Figure("Dask over two local jobs, wall", ratios(dask, local), "×", by, digits=2),
    ]
    remark = f"A class of {given.students}, each time graded from nothing, in turn."
    publish("cluster", figures, remark, given.readme)


def _graded(count: int, *how: str) -> float:
    """Seconds a submission, from the first report on."""
    output = ours.BUILD / "cluster-out"
    shutil.rmtree(output, ignore_errors=True)
    cost = ours.grade(ours.class_folder(count), output, *how)
    ours.refuse_wrong_scores(output, range(count))
    first = ours.report_times(output, count)[0]
    return (cost.started_at + cost.wall_seconds - first) / (count - 1)


def _wall(name: str, seconds: list[float], command: str) -> Figure:
    values = tuple(1e3 * value for value in seconds)
    return Figure(f"{name}: a submission, wall, from the first report on", values, "ms", command)


@contextlib.contextmanager
def loopback_cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler on loopback with this many workers, one thread each.

    Raises RuntimeError where it is not there within a minute.
    """
    build = ours.BUILD / "cluster"
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    where = build / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = ["dask_scheduler", *common, "--port", "0", "--scheduler-file", str(where)]
    worker = ["dask_worker", *common, "--nthreads", "1", "--no-nanny", "--scheduler-file"]
    with contextlib.ExitStack() as started:
        started.enter_context(_service(scheduler, build / "scheduler.log"))
        deadline = time.monotonic() + _START_SECONDS
        while not where.exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"no scheduler: {build}/scheduler.log")
            time.sleep(0.1)
        for number in range(workers):
            log = build / f"worker-{number}.log"
            started.enter_context(_service([*worker, str(where)], log))
        yield str(json.loads(where.read_text())["address"])


@contextlib.contextmanager
def _service(arguments: list[str], log: Path) -> Iterator[None]:
    module, *rest = arguments
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"distributed.cli.{module}", *rest],
            stdout=output,
            stderr=output,
            cwd=ours.ROOT,
            env={**os.environ, **ours.ENVIRONMENT},
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
