"""How long a student waits after a save: `autograder watch` on a right answer and on a wrong one.

From the save to the verdict's line, wall time. Every third save puts a new file in the place of the
old one, as many editors do; the others write into it. Of two saves in quick succession the second
counts, which stops the run of the first.
"""

from __future__ import annotations

import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from figures import Figure, options, publish

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "convolutions"
ANSWERS = {"right": "emil", "wrong": "goran"}  # of examples/submitted
PAUSE_SECONDS = 0.5  # nobody saves faster for long
QUICK_SECONDS = 0.06
VERDICT = "exercises done"
WAIT_SECONDS = 60.0
COMMAND = ".venv/bin/python benchmarks/watch.py"


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("--saves", type=int, default=60, help="of each answer")
    given = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / ASSIGNMENT
        shutil.copytree(ROOT / "assignments" / ASSIGNMENT, folder)
        for name, student in ANSWERS.items():
            source = ROOT / "examples" / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.py"
            seconds, quick = _measured(folder, source.read_bytes(), given.saves)
            milliseconds = tuple(1e3 * value for value in seconds)
            figures += [
                Figure(f"{name} answer: save to verdict", milliseconds, "ms", COMMAND, 0),
                Figure(f"{name} answer: 90 of 100 within", (_p90(milliseconds),), "ms", COMMAND, 0),
                Figure(
                    f"{name} answer: the second of two quick saves",
                    tuple(1e3 * value for value in quick),
                    "ms",
                    COMMAND,
                    0,
                ),
            ]
    remark = (
        f"{given.saves} saves of each answer, every third by putting a new file in its place, and "
        f"{given.saves // 4} pairs {QUICK_SECONDS * 1e3:.0f} ms apart."
    )
    publish("watch", figures, remark, given.readme)


def _measured(folder: Path, answer: bytes, saves: int) -> tuple[list[float], list[float]]:
    """Seconds from a save to its verdict, of single saves and of the second of two."""
    file = folder / f"{ASSIGNMENT}.py"
    file.write_bytes(answer)
    seconds, quick = [], []
    # As its console script starts it, without a folder's own modules.
    command = [sys.executable, "-P", "-m", "autograder", "watch", str(file)]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as watching:
        verdicts = _Verdicts(watching)
        verdicts.next()
        for number in range(saves):
            time.sleep(PAUSE_SECONDS)
            seconds.append(_save(file, answer, number, number % 3 == 2))
            seconds[-1] = verdicts.next() - seconds[-1]
        for number in range(saves // 4):
            time.sleep(PAUSE_SECONDS)
            _save(file, answer, 2 * number, False)
            time.sleep(QUICK_SECONDS)
            saved = _save(file, answer, 2 * number + 1, False)
            quick.append(verdicts.next_after(saved) - saved)
        watching.terminate()
    return seconds, quick


def _save(file: Path, answer: bytes, number: int, by_rename: bool) -> float:
    """When it began."""
    data = answer + b"\n# %d\n" % number
    began = time.monotonic()
    if by_rename:
        beside = file.with_name("unfinished")
        beside.write_bytes(data)
        beside.replace(file)
    else:
        file.write_bytes(data)
    return began


class _Verdicts:
    """The moments at which a verdict's line was printed."""

    def __init__(self, watching: subprocess.Popen[bytes]) -> None:
        self._moments: queue.Queue[float] = queue.Queue()
        assert watching.stdout is not None
        self._lines = watching.stdout
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> float:
        return self._moments.get(timeout=WAIT_SECONDS)

    def next_after(self, saved: float) -> float:
        """The last one there is half a second after ``saved``, once there is one."""
        found = self.next()
        while found < saved or not self._moments.empty() or time.monotonic() < saved + 0.5:
            try:
                found = self._moments.get(timeout=PAUSE_SECONDS)
            except queue.Empty:
                if found > saved:
                    break
        return found

    def _read(self) -> None:
        for line in self._lines:
            # The same words stand in the text above; the verdict's line begins with the time.
            if VERDICT.encode() in line and line[2:3] == b":":
                self._moments.put(time.monotonic())


def _p90(values: tuple[float, ...]) -> float:
    return statistics.quantiles(values, n=10)[-1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    main()
