"""How fast a class is graded: by us with one and two jobs, by stock nbgrader and by Otter.

In each round everyone is timed in turn, and ratios are taken within a round. The peers grade other
students in each round, all of whom are in the class that we grade; a class is the same mix of
answers throughout. Times are those of whole processes, from start to end, everything written.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path

import class_of
import measure
import msgspec
import ours
import stock_course
from figures import Figure, options, publish, ratios, say

NAME = class_of.ASSIGNMENT
_GRADE = "autograder grade CLASS --output OUT"
_AUTOGRADE = f"nbgrader autograde {NAME}"
_BY = ".venv/bin/python benchmarks/peers.py"
_FLOOR = ".venv/bin/python benchmarks/floor.py"
_OTTER_RUN = f"otter run --autograder autograder.zip {NAME}.ipynb"


class Racer(msgspec.Struct):
    """Somebody who grades, and what a submission took them in each round."""

    name: str
    command: str
    wall_seconds: list[float] = []
    cpu_seconds: list[float] = []

    def add(self, wall_seconds: float, cpu_seconds: float, count: int) -> None:
        self.wall_seconds.append(wall_seconds / count)
        self.cpu_seconds.append(cpu_seconds / count)
        rate = count / wall_seconds
        say(
            f"  {self.name}: {count} in {wall_seconds:.1f} s, {rate:.2f} a second, "
            f"{1e3 * cpu_seconds / count:.1f} ms CPU each"
        )


class Race:
    """The racers, and how often the peers' scores agree with the labels."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._full, self._few = given.students, given.peers
        self.ours = {
            1: Racer("ours, 1 job", f"{_GRADE} --jobs 1"),
            2: Racer("ours, 2 jobs", f"{_GRADE} --jobs 2"),
        }
        self.small = Racer(f"ours, 2 jobs, {self._few} students", f"{_GRADE} --jobs 2")
        self.nbgrader = Racer("stock nbgrader", _AUTOGRADE)
        self.otter = Racer("otter run", _OTTER_RUN)
        self.floor = Racer("the floor", _FLOOR)
        self.agreed = {"nbgrader": 0, "otter": 0}
        self._build = ours.BUILD / "peers"
        self._course = self._build / "nbgrader"
        stock_course.make_nbgrader_course(self._course, self._build / "generate.log")
        folder = self._build / "otter"
        self._zip = stock_course.make_otter_assignment(folder, self._build / "otter-generate.log")

    def round(self, number: int) -> None:
        """Everybody once. In every other round the order is turned."""
        students = range(number * self._few, (number + 1) * self._few)
        steps = [
            *(lambda count=count: self._ours(count) for count in self.ours),
            self._floor,
            lambda: self._small(students),
            lambda: self._nbgrader(students),
            lambda: self._otter(students),
        ]
        for step in steps if number % 2 == 0 else reversed(steps):
            step()

    def _ours(self, jobs: int) -> None:
        output = _emptied(self._build / f"ours-{jobs}")
        cost = ours.grade(ours.class_folder(self._full), output, "--jobs", str(jobs))
        self.ours[jobs].add(cost.wall_seconds, cost.cpu_seconds, self._full)
        ours.refuse_wrong_scores(output, range(self._full))

    def _floor(self) -> None:
        log = self._build / "floor.log"
        measure.run([sys.executable, ours.ROOT / "benchmarks" / "floor.py"], log)
        seconds = float(log.read_text().split()[0])
        self.floor.add(seconds * class_of.BLOCK, seconds * class_of.BLOCK, class_of.BLOCK)

    def _small(self, students: range) -> None:
        folder = _emptied(self._build / "few")
        class_of.make_class(len(students), folder, first=students.start)
        output = _emptied(self._build / "ours-few")
        cost = ours.grade(folder, output, "--jobs", "2")
        self.small.add(cost.wall_seconds, cost.cpu_seconds, len(students))
        ours.refuse_wrong_scores(output, students)

    def _nbgrader(self, students: range) -> None:
        course = self._course
        stock_course.hand_in_to_nbgrader(course, students)
        for left in ("autograded", "feedback"):
            shutil.rmtree(course / left, ignore_errors=True)
        command, where = stock_course.program("nbgrader"), stock_course.environment("nbgrader")
        log = self._build / "autograde.log"
        cost = measure.run([command, "autograde", NAME], log, cwd=course, environment=where)
        self.nbgrader.add(cost.wall_seconds, cost.cpu_seconds, len(students))
        log = self._build / "export.log"
        measure.run([command, "export", "--to", "grades.csv"], log, cwd=course, environment=where)
        with (course / "grades.csv").open(newline="") as file:
            rows = {row["student_id"]: row for row in csv.DictReader(file)}
        for number in students:
            row = rows[class_of.student(number)]
            full = float(row["score"]) == float(row["max_score"])
            self.agreed["nbgrader"] += full == class_of.answer_of(number).right

    def _otter(self, students: range) -> None:
        command, where = stock_course.program("otter"), stock_course.environment("otter")
        wall = cpu = 0.0
        handed_in = stock_course.hand_in_to_otter(self._zip.parent, students)
        for number, path in zip(students, handed_in, strict=True):
            where_to = ["--autograder", self._zip, "--output-dir", path.parent]
            log = path.with_suffix(".log")
            cost = measure.run(
                [command, "run", *where_to, path], log, cwd=path.parent, environment=where
            )
            wall, cpu = wall + cost.wall_seconds, cpu + cost.cpu_seconds
            score = stock_course.otter_share(path.parent / "results.json")
            self.agreed["otter"] += (score == 1) == class_of.answer_of(number).right
        self.otter.add(wall, cpu, len(students))

    def figures(self) -> list[Figure]:
        """All rows of the table."""
        rows = []
        for racer in (*self.ours.values(), self.small):
            rate = tuple(1 / seconds for seconds in racer.wall_seconds)
            rows.append(Figure(f"{racer.name}: graded", rate, "a second", racer.command))
            rows.append(_cpu(racer, "ms", 1e3))
        rows.append(_cpu(self.floor, "ms", 1e3))
        for racer in self.ours.values():
            values = ratios(racer.cpu_seconds, self.floor.cpu_seconds)
            rows.append(Figure(f"{racer.name}: CPU over the floor", values, "×", _BY))
        for racer in (self.nbgrader, self.otter):
            rows.append(
                Figure(
                    f"{racer.name}: a submission, wall",
                    tuple(racer.wall_seconds),
                    "s",
                    racer.command,
                    digits=2,
                )
            )
            rows.append(_cpu(racer, "s", 1, digits=2))
        for peer in (self.nbgrader, self.otter):
            for racer in (*self.ours.values(), self.small):
                values = ratios(peer.wall_seconds, racer.wall_seconds)
                rows.append(Figure(f"{racer.name}: times as fast as {peer.name}", values, "×", _BY))
            for racer in self.ours.values():
                values = ratios(peer.cpu_seconds, racer.cpu_seconds)
                name = f"{racer.name}: per core (CPU), times as fast as {peer.name}"
                rows.append(Figure(name, values, "×", _BY))
        return rows


def _cpu(racer: Racer, unit: str, factor: float, digits: int = 1) -> Figure:
    values = tuple(factor * seconds for seconds in racer.cpu_seconds)
    return Figure(f"{racer.name}: a submission, CPU", values, unit, racer.command, digits)


def _emptied(folder: Path) -> Path:
    """A report from before, or a result that is stored, would be work saved."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("--students", type=int, default=1000, help="in the class that we grade")
    parser.add_argument("--peers", type=int, default=20, help="students the peers grade a round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    race = Race(given)
    for number in range(given.rounds):
        say(f"round {number + 1} of {given.rounds}")
        race.round(number)
    checked = given.peers * given.rounds
    remark = (
        f"Classes of {given.students} for us and of {given.peers} for the peers "
        f"({class_of.MIX}), {given.rounds} rounds, each class graded from nothing.\n"
        f"Of {checked} answers nbgrader's cells judged {race.agreed['nbgrader']} as their label "
        f"says, Otter's tests {race.agreed['otter']}; ours all."
    )
    publish("peers", race.figures(), remark, given.readme)


if __name__ == "__main__":
    main()
