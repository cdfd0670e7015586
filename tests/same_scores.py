"""All labelled submissions and the example class by both routes: part of `make soak`.

Grades them by `autograder grade` and by `nbgrader autograde`, some five minutes of CPU time, and
compares every grade cell, comment and penalty in the two gradebooks. Prints each difference and how
many there are; ends with 1 where there is one. With an argument, only every so-manieth submission:
`tests/same_scores.py 10`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a script, not by pytest

from tests.autograder.nbgrader.two_courses import (
    CourseOnDisk,
    all_labelled,
    differences,
    new_course,
)


def main() -> int:
    """Compare the routes; 0 where they come to the same."""
    parser = argparse.ArgumentParser()
    parser.add_argument("step", type=int, nargs="?", default=1)
    step = parser.parse_args().step
    with tempfile.TemporaryDirectory() as folder:
        ours = new_course(Path(folder) / "ours")
        ours.hand_in_examples()
        ours.hand_in_labelled(all_labelled()[::step])
        theirs = CourseOnDisk(shutil.copytree(ours.root, Path(folder) / "theirs"))
        graded = ours.run("autograder", "grade")
        by_nbgrader = theirs.nbgrader("autograde", "convolutions")
        found = differences(ours, theirs)
        grades = ours.grades()
    cells = sum(isinstance(value, tuple) for one in grades.values() for value in one.values())
    for what in found:
        print(what)
    for command in (graded, by_nbgrader):
        if command.returncode not in (0, 1) or not grades:
            print(command.stdout, command.stderr)
    print(f"{len(grades)} submissions, {cells} grade cells: {len(found)} differ")
    return 1 if found or not grades else 0


if __name__ == "__main__":
    sys.exit(main())
