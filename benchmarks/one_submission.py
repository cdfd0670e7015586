"""What grading one submission costs, side by side in one run.

The floor is the same checks on the same answer through the same pytest loop in one warm process,
without isolation. Times are CPU seconds of every process that took part; memory is what a child
does not share. Machines differ, so quote the ratios.
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
from figures import Figure, options, publish, ratios

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
    given = options(__doc__ or "").parse_args()
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
    base, boxed = _by_tens(floor), _by_tens(sandboxed)
    by = ".venv/bin/python benchmarks/one_submission.py"
    check_by, import_by = f"autograder check assignments/{ASSIGNMENT}", 'python -c "import torch"'
    figures = [
        Figure("checks in one warm process (the floor), CPU", _ms(base), "ms", by),
        Figure("the same in the sandbox, CPU", _ms(boxed), "ms", by),
        Figure("the same in the sandbox over the floor", ratios(boxed, base), "×", by, 2),
        Figure("private memory of a child", tuple(private_mib), "MiB", by),
        Figure("import torch, cold, CPU", _ms(imported), "ms", import_by, 0),
        Figure("autograder check, cold, CPU", _ms(check), "ms", check_by, 0),
        Figure("autograder check over import torch", ratios(check, imported), "×", by, 2),
    ]
    remark = (
        f"The solution of {ASSIGNMENT}, {ROUNDS} times in turn in one warm process and in the "
        "sandbox; times are means of ten."
    )
    publish("one submission", figures, remark, given.readme)


def _by_tens(seconds: list[float]) -> list[float]:
    """Means of ten, since those of other processes are read in ticks of 10 ms."""
    return [statistics.fmean(seconds[start : start + 10]) for start in range(0, len(seconds), 10)]


def _ms(seconds: list[float]) -> tuple[float, ...]:
    return tuple(1e3 * value for value in seconds)


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


def _cold() -> tuple[list[float], list[float]]:
    """CPU seconds of `autograder check` and of importing torch, in turn."""
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
    return spent["check"], spent["torch"]


if __name__ == "__main__":
    main()
