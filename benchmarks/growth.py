"""What a submission costs as the class grows, the memory of every process, and a class again.

The sizes are graded in turn, each from nothing, with two jobs as shipped; memory is looked at
twice a second. A class is graded once more without a change in each round: that of 1,000, or the
largest below.

    .venv/bin/python benchmarks/growth.py 100 1000 10000
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import class_of
import measure
import msgspec
import ours
from figures import Figure, options, publish, ratios, say

_COMMAND = "autograder grade CLASS --output OUT --jobs {jobs}"
_MIB = 2**20
_ONCE_FROM = 5000  # a larger class is graded once
_UNCHANGED = 1000


class Run(msgspec.Struct, frozen=True):
    """One run: what it cost, seconds by submission once the first report was there, bytes."""

    cost: measure.Cost
    later_seconds: float
    last_tenth_by_first: float
    gradebook_bytes: int


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("sizes", type=int, nargs="*", default=[100, 1000], help="of the classes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    sizes = sorted(set(given.sizes))
    runs: dict[int, list[Run]] = {size: [] for size in sizes}
    again: list[measure.Cost] = []
    unchanged = max((size for size in sizes if size <= _UNCHANGED), default=sizes[0])
    for number in range(given.rounds):
        for size in sizes if number % 2 == 0 else reversed(sizes):
            if number and size >= _ONCE_FROM:
                continue
            run = _graded(size, given.jobs)
            runs[size].append(run)
            say(
                f"round {number + 1}: {size:,} in {run.cost.wall_seconds:.1f} s, "
                f"{1e3 * run.cost.cpu_seconds / size:.1f} ms CPU each, at most "
                f"{run.cost.peaks['all together'].pss_mib:,.0f} MiB"
            )
            if size == unchanged:
                cost = ours.grade(ours.class_folder(size), _output(size), "--jobs", str(given.jobs))
                again.append(cost)
                say(f"  the same class again: {cost.wall_seconds:.1f} s")
    command = _COMMAND.format(jobs=given.jobs)
    remark = (
        f"Classes of {', '.join(f'{size:,}' for size in sizes)} ({class_of.MIX}), graded in turn. "
        "MiB by PSS, where\nprocesses share a page each counts its part, and by RSS, where each "
        "counts all of it."
    )
    rows = [*_growth(runs, command), *_again(unchanged, again, command)]
    publish("growth", rows, remark, given.readme)


def _graded(size: int, jobs: int) -> Run:
    folder, output = ours.class_folder(size), _output(size)
    shutil.rmtree(output, ignore_errors=True)
    cost = ours.grade(folder, output, "--jobs", str(jobs), sampled=True)
    ours.refuse_wrong_scores(output, range(size))
    written = ours.report_times(output, size)
    ended = cost.started_at + cost.wall_seconds
    tenth = max(size // 10, 1)
    first, last = written[tenth] - written[0], written[-1] - written[-1 - tenth]
    return Run(
        cost,
        (ended - written[0]) / max(size - 1, 1),
        last / first if first > 0 else 1.0,
        sum(path.stat().st_size for path in output.glob("gradebook.db*")),
    )


def _output(size: int) -> Path:
    return ours.BUILD / f"grown-{size}"


def _growth(runs: dict[int, list[Run]], command: str) -> Iterable[Figure]:
    smallest, largest = min(runs), max(runs)
    for size, done in runs.items():
        who = f"{size:,}"

        def figure(
            name: str, values: Iterable[float], unit: str, digits: int = 1, who: str = who
        ) -> Figure:
            return Figure(f"{who}: {name}", tuple(values), unit, command, digits)

        wall = (1e3 * run.cost.wall_seconds / size for run in done)
        yield figure("a submission, wall, start to end", wall, "ms")
        cpu = (1e3 * run.cost.cpu_seconds / size for run in done)
        yield figure("a submission, CPU, start to end", cpu, "ms")
        later = (1e3 * run.later_seconds for run in done)
        yield figure("a submission, wall, from the first report on", later, "ms")
        tenths = (run.last_tenth_by_first for run in done)
        yield figure("the last tenth's time over the first's", tenths, "×", 2)
        if size > smallest:
            pairs = list(zip(done, runs[smallest], strict=False))
            by_smallest = ratios(
                [run.later_seconds for run, _ in pairs], [base.later_seconds for _, base in pairs]
            )
            name = f"a submission, wall, from the first report on, over that of {smallest:,}"
            yield figure(name, by_smallest, "×", 2)
            added = (
                1e3 * (run.cost.cpu_seconds - base.cost.cpu_seconds) / (size - smallest)
                for run, base in pairs
            )
            yield figure(f"a submission, CPU, each one more than {smallest:,}", added, "ms")
        yield figure("gradebook", (run.gradebook_bytes / _MIB for run in done), "MiB")
        yield from _memory(done, figure, every_role=size in (smallest, largest))


def _memory(done: list[Run], figure: Callable[..., Figure], every_role: bool) -> Iterable[Figure]:
    roles = {role for run in done for role in run.cost.peaks}
    for role in sorted(roles if every_role else {"all together"}):
        peaks = [run.cost.peaks.get(role, measure.Peak()) for run in done]
        most = max(peak.processes for peak in peaks)
        who = f"{role} ({most})" if role == "all together" else f"{role} (the largest of {most})"
        yield figure(f"{who}, peak PSS", (peak.pss_mib for peak in peaks), "MiB", 0)
        yield figure(f"{who}, peak RSS", (peak.rss_mib for peak in peaks), "MiB", 0)


def _again(size: int, costs: list[measure.Cost], command: str) -> Iterable[Figure]:
    name = f"{size:,} unchanged, graded again"
    yield Figure(f"{name}: wall", tuple(cost.wall_seconds for cost in costs), "s", command)
    yield Figure(f"{name}: CPU", tuple(cost.cpu_seconds for cost in costs), "s", command)


if __name__ == "__main__":
    main()
