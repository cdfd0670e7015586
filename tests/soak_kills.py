"""A class killed at random moments, again and again, until it is finished: part of `make soak`.

With an argument, the number of kills: `tests/soak_kills.py 10`; by default 100. It takes some four
seconds of CPU time for each. `--seed N` repeats the moments of an earlier run.

Every kill must leave no process and no folder; in the end reports and gradebook must be those of a
class that nobody disturbed. Prints a line for each class that was finished; ends with 1 where
one was not as it must be.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a script, not by pytest

from tests.autograder.grading.real_class import (
    RIGHT,
    STUDENTS,
    WRONG,
    RealClass,
    contents,
    kill,
    named_in_commands,
    until,
)

_KILLS_OF_ONE_CLASS = 4  # then it is left alone, to be finished


def main() -> int:
    """Kill as often as asked; 0 when every class came out as the one that nobody disturbed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = parser.parse_args()
    print(f"{asked.kills} kills at random moments; again with --seed {asked.seed}", flush=True)
    draw = random.Random(asked.seed)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        undisturbed = _handed_in(Path(folder) / "undisturbed")
        start = time.monotonic()
        _finish(undisturbed)
        seconds = time.monotonic() - start
        _hand_in_again(undisturbed)
        _finish(undisturbed)
        left, number = asked.kills, 0
        while left > 0:
            kills = min(left, _KILLS_OF_ONE_CLASS)
            left, number = left - kills, number + 1
            made = _handed_in(Path(folder) / f"class-{number}")
            moments = [draw.random() * seconds for _kill in range(kills)]
            found = [*_disturb(made, moments, draw), *_differences(made, undisturbed)]
            wrong += [f"class {number}: {what}" for what in found]
            at = ", ".join(f"{moment:.2f}" for moment in moments)
            print(f"class {number}: killed after {at} s: {'; '.join(found) or 'whole'}", flush=True)
    print(f"{len(wrong)} did not hold" if wrong else "all held")
    return 1 if wrong else 0


def _handed_in(folder: Path) -> RealClass:
    made = RealClass(folder)
    made.hand_in(RIGHT, STUDENTS[::2])
    made.hand_in(WRONG, STUDENTS[1::2])
    return made


def _hand_in_again(made: RealClass) -> None:
    made.hand_in(RIGHT + "# better\n", STUDENTS[1::2])


def _disturb(made: RealClass, moments: list[float], draw: random.Random) -> list[str]:
    """Kill it at each of ``moments``; half of them come after files were handed in again.

    What was left behind.
    """
    left = []
    for number, moment in enumerate(moments):
        if number == len(moments) // 2:
            _finish(made)
            _hand_in_again(made)
        process = made.start(*(["--force"] if draw.random() < 0.25 else []))
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            started = kill(process)
            until(lambda started=started: not started.left() and not _busy(made))  # type: ignore[misc]
        left += [f"left behind: {path}" for path in made.temporary.rglob("*")]
    return left


def _busy(made: RealClass) -> bool:
    return bool(named_in_commands(made.temporary))


def _finish(made: RealClass) -> None:
    done = made.grade()
    if done.returncode != 0:
        raise SystemExit(f"the class was not finished:\n{done.stdout}\n{done.stderr}")


def _differences(made: RealClass, undisturbed: RealClass) -> list[str]:
    """What is not as in the class that nobody disturbed, once this one is finished."""
    _finish(made)
    differences = [f"left behind: {path}" for path in made.left_behind()]
    ours, theirs = made.reports(), undisturbed.reports()
    differences += [
        f"{student}: {field} is {ours[student][field]}, and not {there}"
        for student, report in theirs.items()
        for field, there in report.items()
        if ours[student][field] != there
    ]
    if contents(made.gradebook) != contents(undisturbed.gradebook):
        differences.append("another gradebook")
    return differences


if __name__ == "__main__":
    sys.exit(main())
