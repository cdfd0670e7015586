from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.student.released import read_released
from autograder.student.render import render
from autograder.student.run import check_form
from autograder.student.screen import Screen, plain
from autograder.submission import as_form
from tests.autograder.conftest import ROOT

RELEASE = ROOT / "assignments" / "convolutions"
RIGHT = (ROOT / "solutions" / "convolutions" / "convolutions.py").read_text(encoding="utf-8")

Checked = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The released folder as a student has it."""
    target = tmp_path / "convolutions"
    shutil.copytree(RELEASE, target, ignore=shutil.ignore_patterns("__pycache__", ".autograder"))
    return target


@pytest.fixture
def checked(folder: Path) -> Checked:
    """What `autograder check` says of a script, without starting it."""

    def check(source: str, screen: Screen | None = None, **options: Any) -> str:
        released = read_released(folder)
        form = as_form("convolutions.py", source.encode(), released.name)
        shown = check_form(folder, released, form, **options)
        return "\n".join(plain(line).rstrip() for line in render(shown, screen or Screen()))

    return check
