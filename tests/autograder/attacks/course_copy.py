"""A course of its own to grade the hostile in: nothing else writes there, all is worth stealing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from tests.autograder.conftest import ROOT

SECRET = "the-course-secret-of-the-hostile-class"
NEIGHBOUR = Path(__file__).with_name("neighbour.py")
_FOLDERS = ("autograder", "assignments", "solutions", "examples", "tests/visible", "tests/hidden")


class Place:
    """The folders of one run; ``root`` and all below belong to the grader alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.course = root / "course"
        self.home = root / "home"
        self.scratch = root / "tmp"

    def environment(self) -> dict[str, str]:
        """All that the grader is started with."""
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.scratch),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.course),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def make_place(root: Path) -> Place:
    """The course with engine, checks and solutions, and another student's work and grades."""
    place = Place(root)
    for folder in (place.course, place.home, place.scratch):
        folder.mkdir(parents=True)
    leave_out = shutil.ignore_patterns("__pycache__", ".*")
    for name in (*_FOLDERS, "tests/submissions", "tests/autograder/attacks"):
        shutil.copytree(ROOT / name, place.course / name, ignore=leave_out)
    shutil.copy(ROOT / "tests/autograder/conftest.py", place.course / "tests/autograder")
    shutil.copy(ROOT / "course.toml", place.course)
    other = place.course / "submitted" / "other" / "convolutions"
    other.mkdir(parents=True)
    shutil.copy(ROOT / "solutions/convolutions/convolutions.py", other)
    reports = place.course / "reports" / "other" / "convolutions"
    reports.mkdir(parents=True)
    (reports / "report.json").write_text('{"student": "other", "score": 100}\n')
    git = place.course / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text("[core]\n")
    secret = place.course / ".course-secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    with sqlite3.connect(place.course / "gradebook.db") as database:
        database.execute("create table grade (student text, auto_score real)")
        database.execute("insert into grade values ('other', 100)")
    database.close()
    return place


def give_to(place: Place, uid: int) -> None:
    """Let an ordinary user own it, since nobody but the owner may read a course secret."""
    for folder, folders, files in os.walk(place.root):
        for name in (".", *folders, *files):
            os.chown(Path(folder, name), uid, uid, follow_symlinks=False)
