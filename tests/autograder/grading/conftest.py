"""What several of these tests share: a course with made-up graders, and that course graded."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from autograder.gradebook.writer import GradebookWriter
from autograder.spec import find_course
from tests.autograder.grading.counting import Counting, CountingGraders


@pytest.fixture(scope="session")
def empty_counting_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new gradebook; made once, since that takes a second."""
    made = Counting(tmp_path_factory.mktemp("empty") / "course")
    course, path = find_course(made.root), made.root / "gradebook.db"
    released = course.release("toy") / "toy.ipynb"
    with GradebookWriter(f"sqlite:///{path}", "toy", course.assignment("toy"), released):
        return path


@pytest.fixture
def counted(
    tmp_path: Path, empty_counting_gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> Counting:
    made = Counting(tmp_path / "course")
    shutil.copy(empty_counting_gradebook, made.root / "gradebook.db")
    monkeypatch.chdir(made.root)
    graders = contextlib.nullcontext(CountingGraders(made))
    monkeypatch.setattr("autograder.grading.workers.Workers", lambda *arguments: graders)
    return made


@pytest.fixture
def graded(counted: Counting, capsys: pytest.CaptureFixture[str]) -> Counting:
    """Two students, graded."""
    counted.hand_in(ada=80, bo=90)
    assert counted.grades() == ["ada", "bo"]
    capsys.readouterr()
    return counted
