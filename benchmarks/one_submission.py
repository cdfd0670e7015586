"""What grading one submission costs, side by side in one run.

The floor is the same checks on the same answer through the same pytest loop in one warm process,
without isolation. Times are CPU seconds of every process that took part; memory is what a child
does not share. Prints a table; machines differ, so quote the ratios.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from autograder.checks import Draw, Student
from autograder.checks.drawing import seed_for
from autograder.grading.session import Runner, run_session
from autograder.report import Outcome
from autograder.sandbox.host import Sandbox
from autograder.sandbox.session import SandboxedStudent
from autograder.spec import find_course
from autograder.student.local import LocalStudent
from autograder.submission import as_form

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "convolutions"
ROUNDS = 40
COLD_ROUNDS = 5
_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    torch.set_num_threads(1)
    course = find_course(ROOT)
    spec = course.assignment(ASSIGNMENT)
    form = as_form(f"{ASSIGNMENT}.py", course.source(ASSIGNMENT).read_bytes(), ASSIGNMENT)
    floor: list[float] = []
    sandboxed: list[float] = []
    private_mib: list[float] = []

    def run_checks(runner: Runner, student: Student, begin: Callable[[str, int], None]) -> None:
        for check in runner.checks:
            seed = seed_for(b"benchmark", "inputs", check.name)
            begin(check.info.exercise, seed)
            verdict = runner.run(check, student, Draw(seed))
            assert verdict.outcome is Outcome.PASSED, (check.name, verdict)

    def body(runner: Runner) -> None:
        local = LocalStudent(spec)
        with Sandbox(spec) as sandbox:
            zygote = sandbox._live().process.pid
            for _ in range(ROUNDS):
                start = time.process_time()
                local.load(form)
                run_checks(runner, Student(local), lambda exercise, seed: local.begin_check())
                floor.append(time.process_time() - start)

                start = time.process_time() + _tree_seconds(zygote)
                session = SandboxedStudent(sandbox, form.cells, form.module, spec.limits, 1)
                session.load()
                run_checks(runner, Student(session), session.begin_check)
                private_mib.append(_private_mib(session))
                session.close()
                time.sleep(0.05)  # the zygote reaps the child
                sandboxed.append(time.process_time() + _tree_seconds(zygote) - start)

    run_session(course.visible_checks(ASSIGNMENT), course.hidden_checks(ASSIGNMENT), spec, body)
    check, imported = _cold()
    base, boxed = statistics.median(floor), statistics.fmean(sandboxed)
    rows = [
        ("checks in one warm process (the floor)", f"{base * 1e3:7.1f} ms CPU", ""),
        ("the same in the sandbox", f"{boxed * 1e3:7.1f} ms CPU", f"{boxed / base:.2f} x floor"),
        ("private memory of a child", f"{statistics.median(private_mib):7.1f} MiB", ""),
        ("python -c 'import torch'", f"{imported * 1e3:7.0f} ms CPU", ""),
        (
            "autograder check, cold",
            f"{check * 1e3:7.0f} ms CPU",
            f"{check / imported:.2f} x import",
        ),
    ]
    for name, value, ratio in rows:
        print(f"{name:<40}{value:>16}   {ratio}")


def _tree_seconds(pid: int) -> float:
    """CPU seconds of a process and all below it, ended or not; ticks of 10 ms, so average."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = sum(int(field) for field in fields[11:15]) / _TICK
    return own + sum(_tree_seconds(int(child)) for child in below)


def _private_mib(session: SandboxedStudent) -> float:
    assert session._child is not None
    pid = Path(f"/proc/self/fdinfo/{session._child._pidfd}").read_text()
    number = re.search(r"^Pid:\s*(\d+)", pid, re.MULTILINE)
    assert number is not None
    rollup = Path(f"/proc/{number[1]}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^Private_\w+:\s*(\d+)", rollup, re.M)) / 1024


def _cold() -> tuple[float, float]:
    """Median CPU seconds of `autograder check` and of importing torch, in turn."""
    target = ROOT / "assignments" / ASSIGNMENT
    commands = {
        "check": [sys.executable, "-m", "autograder", "check", str(target)],
        "torch": [sys.executable, "-c", "import torch"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(COLD_ROUNDS):
        for name, command in commands.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent["check"]), statistics.median(spent["torch"])


if __name__ == "__main__":
    main()
