"""A small class graded by the real command in processes of its own, to be killed at any moment."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from autograder.grading.secret import VARIABLE
from autograder.grading.stored import pending_path, report_path

PROGRAM = Path(sys.executable).with_name("autograder")
GENEROUS = 120.0  # seconds until a test gives up, on however busy a machine

SPEC = """
title = "Toy"

[[exercises]]
name = "double"
title = "Twice as much"
points = 3

[limits]
statement_cpu_seconds = 60
memory_mib = 512
scratch_mib = 1
"""
SEEN = """
import torch
from autograder.checks import assert_close, check

@check("double", points=1, hint="Twice.")
def test_seen(student):
    assert_close(student.double(torch.tensor([1.5, 2.5])), torch.tensor([3.0, 5.0]))
"""
# Our side can break, too: here it does for one answer, and every time.
UNSEEN = """
import os
import signal
import torch
from autograder.checks import assert_close, check

@check("double", points=2, hint="Twice.")
def test_drawn(student, draw):
    x = draw.normal(3, 2)
    answer = student.double(x)
    if answer.numel() and bool((answer == 666).all()):
        os.kill(os.getpid(), signal.SIGKILL)
    assert_close(answer, 2 * x)
"""
CELL = {
    "cell_type": "code", "source": "",
    "metadata": {"nbgrader": {"grade_id": "double", "grade": True, "points": 3}},
}  # fmt: skip

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"
DEADLY = "import torch\n\ndef double(x):\n    return torch.full_like(x, 666)\n"
ASLEEP = "import time\ntime.sleep(500)\n" + RIGHT

STUDENTS = ("ada", "bo", "cy", "dee", "eve", "fay", "gus", "hal")


class RealClass:
    """A course on the disk, the command that grades it, and what it leaves behind."""

    def __init__(self, folder: Path, output: Path | None = None) -> None:
        self.root = folder / "course"
        self.output = output or self.root
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        for name in ("solutions/toy", "assignments/toy", "tests/visible/toy", "tests/hidden/toy"):
            (self.root / name).mkdir(parents=True)
        (self.root / "course.toml").write_text('course_id = "toy"\n')
        (self.root / ".course-secret").write_text("the same for every class of these tests\n")
        (self.root / ".course-secret").chmod(0o600)
        (self.root / "solutions/toy/assignment.toml").write_text(SPEC)
        (self.root / "tests/visible/toy/test_visible.py").write_text(SEEN)
        (self.root / "tests/hidden/toy/test_unseen.py").write_text(UNSEEN)
        (self.root / "assignments/toy/toy.ipynb").write_bytes(
            msgspec.json.encode({"metadata": {}, "cells": [CELL], "nbformat": 4})
        )

    @property
    def gradebook(self) -> Path:
        """nbgrader's database."""
        return self.output / "gradebook.db"

    def hand_in(self, text: str, students: Iterable[str]) -> None:
        """One text for all of ``students``."""
        for student in students:
            path = self.root / "submitted" / student / "toy" / "toy.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """``autograder grade``, with one job, as the first process of a group of its own."""
        # The course's own secret, whatever a test of another file has put into the environment.
        around = {name: value for name, value in os.environ.items() if name != VARIABLE}
        return subprocess.Popen(
            [PROGRAM, "grade", "--jobs", "1", "--output", self.output, *arguments],
            cwd=self.root,
            env={**around, "TMPDIR": str(self.temporary), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
            **options,
        )

    def grade(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """The command until it ends."""
        process = self.start(*arguments, **options)
        said, error = process.communicate(timeout=GENEROUS)
        return subprocess.CompletedProcess(process.args, process.returncode, said, error)

    def reports(self) -> dict[str, Any]:
        """What stands on the disk of each student, but for times."""
        return {student: read for student in self._students() if (read := self._report(student))}

    def count(self, pending: bool = False) -> int:
        """How many reports are on the disk."""
        path = pending_path if pending else report_path
        return sum(path(self.output, student, "toy").is_file() for student in self._students())

    def left_behind(self) -> list[str]:
        """Files in the temporary folder, and half written reports."""
        halves = (self.output / "reports").glob("*/*/.*")
        return sorted(str(path) for path in (*self.temporary.iterdir(), *halves))

    def _students(self) -> list[str]:
        return sorted(path.name for path in (self.root / "submitted").iterdir())

    def _report(self, student: str) -> Any:
        try:
            text = report_path(self.output, student, "toy").read_text()
        except FileNotFoundError:
            return None
        report = msgspec.json.decode(text.replace(str(self.root), "course"))
        del report["duration_seconds"], report["provenance"]["graded_at"]
        return report


def contents(gradebook: Path) -> dict[str, list[Any]]:
    """All tables of a gradebook, each row with what its keys point at in the place of the keys."""
    with sqlite3.connect(f"file:{gradebook}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        names = [name for (name,) in database.execute("select name from sqlite_master")]
        tables = {
            name: [dict(row) for row in database.execute(f'select * from "{name}"')]
            for name in names
            if not name.startswith("sqlite_")
        }
    by_id: dict[str, list[dict[str, Any]]] = {}
    for rows in tables.values():
        for row in rows:
            by_id.setdefault(str(row.get("id")), []).append(row)

    def meant(value: object) -> object:
        made_up = isinstance(value, str) and len(value) == 32 and value in by_id  # a uuid
        return [natural(row) for row in by_id[str(value)]] if made_up else value

    def natural(row: dict[str, Any]) -> dict[str, object]:
        return {
            key: meant(value)
            for key, value in row.items()
            if not (key == "id" and isinstance(value, str) and len(value) == 32)
        }

    return {name: sorted(map(natural, rows), key=repr) for name, rows in sorted(tables.items())}


class Processes:
    """A process and all that it started, told from others that have their numbers later."""

    def __init__(self, parent: int) -> None:
        table = _process_table()
        self._found: dict[int, str] = {}
        pending = [parent]
        while pending:
            above = pending.pop()
            pending += [pid for pid, (ppid, _start) in table.items() if ppid == above]
            if above in table:
                self._found[above] = table[above][1]

    def of(self, module: str) -> list[int]:
        """Those that run this module of Python."""
        return [pid for pid in self._found if module in _command(pid)]

    def left(self) -> dict[int, str]:
        """Those that are still there, with their commands."""
        now = _process_table()
        return {
            pid: _command(pid)
            for pid, start in self._found.items()
            if pid in now and now[pid][1] == start
        }


def named_in_commands(folder: Path) -> list[int]:
    """Processes whose command names ``folder``, as those of its sandboxes do."""
    return [pid for pid in _process_table() if str(folder) in _command(pid)]


def until(said: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until ``said`` is true; where ``process`` ends before that, what it said is an error."""
    give_up = time.monotonic() + GENEROUS
    while not said():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended too early: {process.communicate()}")
        if time.monotonic() > give_up:
            raise AssertionError("it never came")
        time.sleep(0.005)


def kill(process: subprocess.Popen[str]) -> Processes:
    """Kill ``process`` alone; those that it had started."""
    started = Processes(process.pid)
    process.kill()
    process.communicate()
    return started


def as_from_a_terminal() -> None:
    """In a child before its program: Ctrl-C is taken, which a shell's background jobs ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _process_table() -> dict[int, tuple[int, str]]:
    """Of each process its parent and when it was started; without those that have ended."""
    table = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:
                continue
            state, parent, *fields = stat.rpartition(")")[2].split()
            if state not in "ZX":
                table[int(entry.name)] = int(parent), fields[17]
    return table


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
