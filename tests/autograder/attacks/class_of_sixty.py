"""A class of forty honest students and twenty hostile ones, graded with and without the twenty.

``python -m tests.autograder.attacks.class_of_sixty FOLDER`` in a course copy grades both.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from autograder.grading.course import grade_class
from autograder.grading.stored import report_path
from autograder.grading.workers import Workers
from autograder.report import Report, decode_report
from autograder.spec import find_course
from tests.autograder.attacks.course_copy import NEIGHBOUR, make_place
from tests.autograder.attacks.hostile import find_attacks
from tests.autograder.attacks.runs import run_in

HONEST, HOSTILE = 40, 20
ASSIGNMENT = "convolutions"
# Wall time is what takes long here: those that only wait are graded elsewhere.
_TOO_SLOW = re.compile(r"sleep|stop|wait|drip|loop|hang")


class ClassOfSixty(msgspec.Struct, frozen=True):
    """Both gradings: the reports of each by student, and what the grader printed if it failed."""

    hostile: tuple[str, ...]
    without: dict[str, Report]
    together: dict[str, Report]
    said: str


def grade_class_of_sixty() -> ClassOfSixty:
    """Both gradings, in a process of their own."""
    root = Path(tempfile.mkdtemp(prefix="sixty-"))
    try:
        place = make_place(root / "own")
        command = [sys.executable, "-m", "tests.autograder.attacks.class_of_sixty", str(root)]
        ended = run_in(place, command)
        return ClassOfSixty(
            hostile=tuple(sorted(path.name for path in (root / "hostile").glob("*"))),
            without=_reports(root / "without"),
            together=_reports(root / "together"),
            said=ended.stdout[-4000:] if ended.returncode else "",
        )
    finally:
        shutil.rmtree(root, ignore_errors=True)


def main() -> None:
    """Grade the forty, then the sixty, each by one grading process with its one zygote."""
    root = Path(sys.argv[1])
    course = find_course(Path.cwd())
    _shorten_limits(course.root / "solutions" / ASSIGNMENT / "assignment.toml")
    _hand_in(root, course.root)
    for folder, output in (("honest", "without"), ("class", "together")):
        with Workers(course, ASSIGNMENT, 1) as workers:
            grade_class(course, ASSIGNMENT, root / folder, root / output, workers)


def _hand_in(root: Path, course: Path) -> None:
    """The honest alone in honest/, everybody in class/, the names of both kinds mixed."""
    right = NEIGHBOUR.read_text()
    for number in range(HONEST):
        wrong = right.replace(".sum((-1, -2))", f".sum((-1, -2)) + {number}e-2")
        for folder in ("honest", "class"):
            _place(root / folder, f"s{number:02}-honest").with_suffix(".py").write_text(
                right if number % 4 else wrong
            )
    attacks = [
        attack
        for attack in find_attacks(course / "tests" / "submissions" / ASSIGNMENT / "hostile")
        if not _TOO_SLOW.search(attack.name)
    ]
    families = sorted({attack.family for attack in attacks})
    in_turn = [
        attack
        for turn in range(len(attacks))
        for family in families
        for attack in [a for a in attacks if a.family == family][turn : turn + 1]
    ]
    for number, attack in enumerate(in_turn[:HOSTILE]):
        student = f"s{number * HONEST // HOSTILE:02}-{attack.student}"
        _place(root / "class", student).with_suffix(attack.suffix).write_bytes(attack.data)
        (root / "hostile" / student).mkdir(parents=True)


def _place(folder: Path, student: str) -> Path:
    place = folder / student / ASSIGNMENT
    place.mkdir(parents=True)
    return place / ASSIGNMENT


def _shorten_limits(spec: Path) -> None:
    text = spec.read_text()
    text = re.sub(
        r"^(statement|check)_cpu_seconds = [\d.]+", r"\1_cpu_seconds = 0.5", text, flags=re.M
    )
    spec.write_text(text)


def _reports(output: Path) -> dict[str, Report]:
    return {
        path.name: decode_report(report_path(output, path.name, ASSIGNMENT).read_bytes())
        for path in (output / "reports").glob("*")
    }


if __name__ == "__main__":
    main()
