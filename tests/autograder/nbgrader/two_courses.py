"""The same submissions graded by both routes: `autograder grade`, and nbgrader's autograde."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.authoring.labelled import Labelled, labelled_submissions
from autograder.spec import find_course

ROOT = Path(__file__).resolve().parents[3]
A = "convolutions"
COMMANDS = Path(sys.executable).parent
LOOP_UNTIL_A_LIMIT = {"dong", "kofi"}  # of the example class
_COPIED = ("assignments", "solutions", "tests/visible", "tests/hidden", "tests/submissions")
_LATE = "\n[late]\npercent_per_started_day = 10\n"
_DUE = """
import sys
from nbgrader.api import Gradebook
with Gradebook(sys.argv[1], "convolutions-for-images") as gradebook:
    gradebook.update_or_create_assignment("convolutions", duedate="2026-10-01 12:00:00")
"""


class CourseOnDisk:
    """A copy of this course that has nothing of this machine's Jupyter settings."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def db_url(self) -> str:
        """nbgrader's gradebook."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the environment, in the course's folder."""
        home = self.root / "home"
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        variables = {
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "TMPDIR": str(home / "tmp"),
            "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",  # for alembic
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [COMMANDS / program, *arguments],
            cwd=self.root,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def nbgrader(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of nbgrader's."""
        return self.run("nbgrader", *arguments)

    def python(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of a few lines."""
        return self.run("python", "-c", program, *arguments)

    def hand_in(self, student: str, name: str, data: bytes) -> Path:
        """A file of a submission."""
        path = self.root / "submitted" / student / A / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def hand_in_examples(self) -> None:
        """The example class, without those who make it wait."""
        for folder in (ROOT / "examples" / "submitted").iterdir():
            if folder.name not in LOOP_UNTIL_A_LIMIT:
                shutil.copytree(folder, self.root / "submitted" / folder.name)

    def hand_in_labelled(self, labelled: Iterable[Labelled]) -> None:
        """Each by a student of its own: those of wrong/ as the cells that are graded."""
        for one in labelled:
            student = one.name.replace("/", "-")
            if one.label is None:
                [path] = (ROOT / "tests/submissions" / A / "correct").glob(
                    f"{one.name.partition('/')[2]}.*"
                )
                self.hand_in(student, f"{A}{path.suffix}", path.read_bytes())
            else:
                cells = (f"# %%\n{cell.source}\n" for cell in one.form.cells)
                self.hand_in(student, f"{A}.py", "\n".join(cells).encode())

    def grades(self) -> dict[str, dict[str, object]]:
        """Of each student all that grading writes."""
        from nbgrader.api import Gradebook

        found: dict[str, dict[str, object]] = {}
        with Gradebook(self.db_url, "convolutions-for-images") as gradebook:
            for submission in gradebook.assignment_submissions(A):
                [notebook] = submission.notebooks
                found[submission.student_id] = {
                    "penalty": notebook.late_submission_penalty or 0.0,
                    "handed in": submission.timestamp,
                    **{grade.name: _of(grade) for grade in notebook.grades},
                    **{f"comment on {one.name}": one.comment for one in notebook.comments},
                }
        return found


def new_course(root: Path) -> CourseOnDisk:
    """A course as it is when the assignment was released, with a due date and a late policy."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "course.toml").write_text((ROOT / "course.toml").read_text() + _LATE)
    (root / ".course-secret").write_text("the same on both routes, whoever runs this test\n")
    (root / ".course-secret").chmod(0o600)
    course = CourseOnDisk(root)
    for done in (
        course.nbgrader("generate_assignment", A),
        course.python(_DUE, course.db_url),
    ):
        if done.returncode != 0:
            raise AssertionError(done.stderr)
    return course


def all_labelled() -> list[Labelled]:
    """The labelled submissions of this course."""
    return labelled_submissions(find_course(ROOT), A)


def differences(one: CourseOnDisk, other: CourseOnDisk) -> list[str]:
    """What the two gradebooks say differently, a line each."""
    ours, theirs = one.grades(), other.grades()
    return [
        f"{student}: {what} is {ours.get(student, {}).get(what)!r}, and by nbgrader "
        f"{theirs.get(student, {}).get(what)!r}"
        for student in sorted(ours.keys() | theirs.keys())
        for what in sorted(ours.get(student, {}).keys() | theirs.get(student, {}).keys())
        if ours.get(student, {}).get(what) != theirs.get(student, {}).get(what)
    ]


def _of(grade: Any) -> tuple[object, ...]:
    return grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade)
