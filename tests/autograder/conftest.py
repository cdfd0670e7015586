"""What the engine's tests share: the repository, its command line, and the example class graded."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from autograder.report import Report, decode_report
from autograder.spec import Course, find_course

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course of this repository."""
    return find_course(ROOT)


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command of the environment as a person would, with the language fixed."""

    def run_command(
        arguments: Sequence[str], cwd: Path = ROOT, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        program, *rest = arguments
        environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **variables}
        return subprocess.run(
            [str(BIN / program), *rest],
            cwd=cwd,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )

    return run_command


@pytest.fixture(scope="session")
def quick_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in which an endless loop is stopped after half a second of CPU time."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions", "tests/visible", "tests/hidden", "examples"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", root)
    spec = root / "solutions" / "convolutions" / "assignment.toml"
    text, count = re.subn(
        r"^(statement|check)_cpu_seconds = [\d.]+",
        r"\1_cpu_seconds = 0.5",
        spec.read_text(),
        flags=re.MULTILINE,
    )
    assert count == 2
    spec.write_text(text)
    return root


class Graded:
    """A graded class: what the command said, and the reports it left."""

    def __init__(self, command: subprocess.CompletedProcess[str], output: Path) -> None:
        self.command = command
        self.output = output

    def report(self, student: str) -> Report:
        """The report on one student."""
        path = self.output / "reports" / student / "convolutions" / "report.json"
        return decode_report(path.read_bytes())

    def scores(self, student: str) -> dict[str, int | None]:
        """Points by exercise."""
        return {exercise.name: exercise.score for exercise in self.report(student).exercises}


@pytest.fixture(scope="session")
def example_class(run: Run, quick_course: Path) -> Graded:
    """The made-up class, graded once for all tests that look at it."""
    return Graded(
        run(["autograder", "grade"], cwd=quick_course), quick_course / "build" / "example"
    )
