"""The zip that an instructor uploads to Gradescope: the grader, one assignment, its hidden checks.

It holds the course secret and is as secret as the course. Gradescope shows it to the course's staff
alone.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import OperatorError
from autograder.grading.secret import FILE_NAME
from autograder.messages import _
from autograder.outputs.exports.model import Export
from autograder.spec import Course

_ENGINE = Path(__file__).parents[2]
_OF_THE_ENGINE = (".py", ".j2", ".ini", ".mo", ".typed")
_OF_CHECKS = (".py",)
_OF_A_RELEASE = (".ipynb", ".py", ".md")
_WHEN = (2020, 1, 1, 0, 0, 0)  # the same files make the same zip
_SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when it makes the container.
set -euo pipefail
# Address of an index with CPU builds of torch, which save gigabytes; empty: the usual one.
TORCH_INDEX="${TORCH_INDEX:-}"
cd "${1:-/autograder}/source"
chmod 700 course
chmod 600 course/.course-secret
apt-get update
apt-get install -y --no-install-recommends bubblewrap
PYTHON=python3
if ! python3 -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'; then
    PYTHON=python3.11
fi
apt-get install -y --no-install-recommends "$PYTHON" "$PYTHON-venv"
"$PYTHON" -m venv ../venv
if [ -n "$TORCH_INDEX" ]; then
    ../venv/bin/pip install --constraint course/constraints.txt --index-url "$TORCH_INDEX" torch
fi
../venv/bin/pip install --constraint course/constraints.txt './course[grade]'
# For the log: what isolates student code here. Without enough of it nothing is graded.
(cd course && ../../venv/bin/python -P -m autograder doctor) || true
"""


def gradescope_zip(course: Course, assignment: str, secret: bytes) -> Export:
    """``<assignment>-gradescope.zip``; only what is on the list goes in.

    Raises OperatorError where something of it is missing, or is a link.
    """
    entries = dict(_entries(course, assignment))
    entries["setup.sh"] = (_SETUP.encode(), 0o755)
    run = (Path(__file__).parent / "gradescope_run.py").read_bytes()
    entries["run_autograder"] = (run, 0o755)
    entries[f"course/{FILE_NAME}"] = (secret + b"\n", 0o600)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in sorted(entries.items()):
            info = zipfile.ZipInfo(name, _WHEN)
            info.external_attr = (stat.S_IFREG | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return Export(
        files={f"{assignment}-gradescope.zip": file.getvalue()},
        notes=(
            _(
                "the zip holds the hidden checks and the course secret: upload it as the "
                "autograder of an assignment, and give it to nobody"
            ),
        ),
    )


def _entries(course: Course, assignment: str) -> Iterator[tuple[str, tuple[bytes, int]]]:
    solutions = course.source(assignment).parent
    yield _entry(course.root / "course.toml", "course.toml")
    yield _entry(_beside_the_engine(course, "pyproject.toml"), "pyproject.toml")
    yield _entry(_beside_the_engine(course, "constraints.txt"), "constraints.txt")
    yield _entry(solutions / "assignment.toml", f"solutions/{assignment}/assignment.toml")
    for folder, name, kinds in (
        (_ENGINE, "autograder", _OF_THE_ENGINE),
        (solutions / "locale", f"solutions/{assignment}/locale", (".po",)),
        (course.release(assignment), f"assignments/{assignment}", _OF_A_RELEASE),
        (course.visible_checks(assignment), f"tests/visible/{assignment}", _OF_CHECKS),
        (course.hidden_checks(assignment), f"tests/hidden/{assignment}", _OF_CHECKS),
    ):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.suffix in kinds and not any(
                part.startswith(".") or part == "__pycache__" for part in inside.parts
            ):
                yield _entry(path, f"{name}/{inside.as_posix()}")


def _entry(path: Path, name: str) -> tuple[str, tuple[bytes, int]]:
    if path.is_symlink() or not path.is_file():
        raise OperatorError(
            _("{path}: is no file, and the zip needs it\n  fix: put the file itself there").format(
                path=path
            )
        )
    return f"course/{name}", (path.read_bytes(), 0o644)


def _beside_the_engine(course: Course, name: str) -> Path:
    """The file in the course's repository, or in that which this program runs from."""
    here = course.root / name
    return here if here.is_file() else _ENGINE.parent / name
