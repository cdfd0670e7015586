"""The record of the benchmarks: rows of figures, put into benchmarks/README.md between markers."""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

README = Path(__file__).resolve().parent / "README.md"
HEADER = "| figure | median | range | runs | command |\n|---|---|---|---|---|"


class Figure(msgspec.Struct, frozen=True):
    """One row: what was measured, in each run, and the command that measures it."""

    name: str
    values: tuple[float, ...]
    unit: str
    command: str
    digits: int = 1

    @property
    def median(self) -> str:
        """With its unit: "41.2 ms"."""
        return f"{statistics.median(self.values):,.{self.digits}f} {self.unit}".strip()

    @property
    def row(self) -> str:
        """As a line of the table."""
        low, high = (f"{f(self.values):,.{self.digits}f}" for f in (min, max))
        spread = f"{low} to {high}" if low != high else ""
        cells = (self.name, self.median, spread, str(len(self.values)), f"`{self.command}`")
        return f"| {' | '.join(cells)} |"


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, ...]:
    """Run by run: the two of one run stood side by side."""
    return tuple(above / below for above, below in zip(numerators, denominators, strict=True))


def publish(section: str, figures: Sequence[Figure], remark: str, readme: Path = README) -> None:
    """Print the figures and put them into the section of the readme that has these markers.

    A readme that is not there yet begins as a copy of ours.

    Raises ValueError where the readme has no such section.
    """
    body = f"Measured {_measured_on()}.\n{remark}\n\n{HEADER}\n"
    body += "".join(f"{figure.row}\n" for figure in figures)
    print(f"\n{body}", flush=True)
    begin, end = f"<!-- {section}: written by make bench -->", f"<!-- end of {section} -->"
    text = (readme if readme.exists() else README).read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    written, count = pattern.subn(lambda match: f"{begin}\n{body}{end}", text)
    if count != 1:
        raise ValueError(f"{readme}: has no section {section}\n  fix: put {begin} and {end} there")
    readme.write_text(written, encoding="utf-8")


def options(description: str) -> argparse.ArgumentParser:
    """A parser with --readme, which each program has."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--readme", type=Path, default=README, help="where the figures go")
    return parser


def say(text: str) -> None:
    """A progress line, at once."""
    print(f"{datetime.now():%H:%M:%S} {text}", flush=True)


def _measured_on() -> str:
    """Date and machine."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d} on {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"torch {version('torch')}"
    )
