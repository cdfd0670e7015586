"""A process that writes a class of forty, batch by batch: `python -m … URL NOTEBOOK`.

It says "ready" when it has loaded all, begins when a line comes in, and says each batch it wrote.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.gradebook.database import nbgrader_api
from autograder.gradebook.writer import GradebookWriter
from autograder.report import Report
from tests.autograder.gradebook.made import SPEC, report

ROOT = Path(__file__).resolve().parents[3]
CLASS = tuple(
    report(f"s{number:02}", area=number % 7, edges=None if number % 9 == 0 else number % 5)
    for number in range(40)
)


def write_class(url: str, notebook: Path, reports: tuple[Report, ...] = CLASS) -> None:
    """Write ``reports`` in batches of five."""
    with GradebookWriter(url, "course", SPEC, notebook) as writer:
        print("open", flush=True)
        for start in range(0, len(reports), 5):
            writer.write(reports[start : start + 5])
            print(start, flush=True)


def start(url: str, notebook: Path) -> subprocess.Popen[str]:
    """This module as a process that is ready to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.autograder.gradebook.writing", url, str(notebook)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for("ready", process)
    return process


def begin(process: subprocess.Popen[str]) -> None:
    """Let a process of `start` write."""
    assert process.stdin is not None
    process.stdin.write("begin\n")
    process.stdin.flush()


def wait_for(word: str, process: subprocess.Popen[str]) -> None:
    """Come back when a process of `start` has said ``word``."""
    assert process.stdout is not None
    for line in process.stdout:
        if line == f"{word}\n":
            return
    raise AssertionError(process.communicate()[1])


if __name__ == "__main__":
    nbgrader_api()
    print("ready", flush=True)
    sys.stdin.readline()
    write_class(sys.argv[1], Path(sys.argv[2]))
