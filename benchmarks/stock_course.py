"""The same exercise as courses without us would set it, with the same answers handed in.

For nbgrader: a course folder, its grade cells holding the checks of stock/checks.py as asserts,
released by `nbgrader generate_assignment`. For Otter: the notebook as `otter assign` leaves it,
and an autograder.zip by `otter generate`. Both run from the environments that the Makefile makes
below build/peers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import class_of
import nbformat

from autograder.authoring.release import build_source_notebook

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "build" / "peers"
NAME = class_of.ASSIGNMENT
_SETUP = "import torch\nfrom torch import nn"
_CHECKS = Path(__file__).resolve().parent / "stock" / "checks.py"
_CALLED = re.compile(r"^def (check_\w+)\((\w+)\):", re.MULTILINE)


def program(peer: str) -> Path:
    """The peer's command. Raises RuntimeError where its environment is not there."""
    path = PEERS / peer / "bin" / peer
    if not path.is_file():
        raise RuntimeError(f"{path}: is not there\n  fix: make build/peers/{peer}/ready")
    return path


def environment(peer: str) -> dict[str, str]:
    """Its own programs first, and nothing of this user's settings."""
    home = PEERS / "home"
    home.mkdir(parents=True, exist_ok=True)
    folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    path = f"{program(peer).parent}{os.pathsep}{os.environ['PATH']}"
    return {**dict.fromkeys(folders, str(home)), "PATH": path, "PYTHONPATH": ""}


def sections() -> dict[str, str]:
    """The checks by the words behind `# %%`: "helpers", "conv2d hidden"."""
    parts = re.split(r"^# %% (.+)$", _CHECKS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


# --- nbgrader -----------------------------------------------------------------------------------


def make_nbgrader_course(course: Path, log: Path) -> None:
    """A fresh course folder in ``course`` with the assignment released."""
    shutil.rmtree(course, ignore_errors=True)
    source = course / "source" / NAME
    source.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "stock"\n', encoding="utf-8"
    )
    nbformat.write(_nbgrader_source(), source / f"{NAME}.ipynb")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        subprocess.run(
            [program("nbgrader"), "generate_assignment", NAME, "--create"],
            check=True,
            cwd=course,
            env={**os.environ, **environment("nbgrader")},
            stdout=output,
            stderr=output,
        )


def hand_in_to_nbgrader(course: Path, numbers: range) -> None:
    """Only these students' notebooks in ``course``/submitted: the released ones, filled in."""
    shutil.rmtree(course / "submitted", ignore_errors=True)
    released = json.loads((course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for number in numbers:
        folder = course / "submitted" / class_of.student(number) / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(class_of.filled_in(released, number))


def _nbgrader_source() -> nbformat.NotebookNode:
    """Our own source notebook, with the checks in its grade cells."""
    notebook, checks = build_source_notebook(class_of.COURSE, NAME), sections()
    cells = []
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        name = about.get("grade_id")
        if name == "setup":
            cell.source = f"{_SETUP}\n\n\n{checks['helpers']}"
        elif about.get("grade"):
            visible, hidden = checks[f"{name} visible"], checks[f"{name} hidden"]
            cell.source = (
                f"{_with_calls(visible)}\n\n### BEGIN HIDDEN TESTS\n{_with_calls(hidden)}\n"
                "### END HIDDEN TESTS"
            )
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata["kernelspec"] = _KERNEL
    return notebook


def _with_calls(text: str) -> str:
    calls = [f"{name}({tested})" for name, tested in _CALLED.findall(text)]
    return "\n\n\n".join([text, "\n".join(calls)])


# --- Otter --------------------------------------------------------------------------------------


def make_otter_assignment(folder: Path, log: Path) -> Path:
    """The autograder.zip, made in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for exercise in class_of.COURSE.assignment(NAME).exercises:
        text = _otter_tests(exercise.name, exercise.points)
        (tests / f"{_question(exercise.name)}.py").write_text(text, encoding="utf-8")
    target = folder / "autograder.zip"
    without = ("--no-config", "--no-requirements", "--no-environment")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        subprocess.run(
            [program("otter"), "generate", "--tests-dir", tests, "--output-path", target, *without],
            check=True,
            cwd=folder,
            env={**os.environ, **environment("otter")},
            stdout=output,
            stderr=output,
        )
    return target


def hand_in_to_otter(folder: Path, numbers: range) -> list[Path]:
    """These students' notebooks, in ``folder``/submitted."""
    notebook = _otter_notebook()
    written = []
    for number in numbers:
        path = folder / "submitted" / class_of.student(number) / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(class_of.filled_in(notebook, number))
        written.append(path)
    return written


def otter_share(results: Path) -> float:
    """The share of all points in Otter's results.json."""
    tests = [test for test in json.loads(results.read_text())["tests"] if "max_score" in test]
    return sum(test["score"] for test in tests) / sum(test["max_score"] for test in tests)


def _otter_notebook() -> dict[str, Any]:
    """Our released notebook with Otter's set-up and its check cells."""
    notebook = class_of.released_notebook()
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        name = about.get("grade_id")
        if name == "setup":
            start = f'import otter\ngrader = otter.Notebook("{NAME}.ipynb")'
            cell["source"] = f"{start}\n{_SETUP}"
        elif about.get("grade"):
            cell["source"] = f'grader.check("{_question(name)}")'
    notebook["metadata"]["kernelspec"] = _KERNEL
    return notebook


def _otter_tests(exercise: str, points: int) -> str:
    """One test file, in Otter's exception-based format; a function each is a test case."""
    checks = sections()
    parts = [
        "from otter.test_files import test_case",
        f"OK_FORMAT = False\nname = {_question(exercise)!r}\npoints = {points}",
        checks["helpers"],
    ]
    for kind in ("visible", "hidden"):
        decorator = f"@test_case(points=None, hidden={kind == 'hidden'})\n"
        parts.append(_CALLED.sub(lambda m: decorator + m[0], checks[f"{exercise} {kind}"]))  # noqa: B023
    return "\n\n\n".join(parts) + "\n"


def _question(exercise: str) -> str:
    return exercise.replace("-", "_")


_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
