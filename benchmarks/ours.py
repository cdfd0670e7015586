"""`autograder grade` on a class, as shipped: the command line in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import class_of
import measure

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "bench"
# The course's own secret stays out of it, and the same hidden inputs are drawn every time.
ENVIRONMENT = {"AUTOGRADER_COURSE_SECRET": "the secret of the benchmark class", "NO_COLOR": "1"}
_COMMAND = Path(sys.executable).with_name("autograder")


def grade(folder: Path, output: Path, *how: str, sampled: bool = False) -> measure.Cost:
    """What grading ``folder`` into ``output`` takes, with ``how`` among the options."""
    command = [_COMMAND, "grade", folder, "--output", output, *how]
    return measure.run(
        command, output.with_suffix(".log"), cwd=ROOT, environment=ENVIRONMENT, sampled=sampled
    )


@cache
def offers(option: str) -> bool:
    """Whether `autograder grade` has ``option``."""
    shown = subprocess.run(
        [_COMMAND, "grade", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return option in shown.stdout


@cache
def class_folder(count: int) -> Path:
    """The class of ``count``, written once: a file written again would be one handed in again."""
    folder = BUILD / f"class-{count}"
    class_of.make_class(count, folder)
    return folder


def report_path(output: Path, number: int) -> Path:
    """Where the report of student ``number`` is written."""
    name = class_of.ASSIGNMENT
    return output / "reports" / class_of.student(number) / name / "report.json"


def report_times(output: Path, count: int) -> list[float]:
    """When each report of a class was written, in order, seconds since the epoch."""
    return sorted(report_path(output, number).stat().st_mtime for number in range(count))


def refuse_wrong_scores(output: Path, numbers: range) -> None:
    """A fast grader that grades wrongly is no figure.

    Raises RuntimeError where a right answer has no full marks, or a wrong one has.
    """
    for number in numbers:
        report = json.loads(report_path(output, number).read_text(encoding="utf-8"))
        answer = class_of.answer_of(number)
        if (report["score"] == report["max_score"]) != answer.right:
            raise RuntimeError(
                f"{answer.name}: {report['score']} of {report['max_score']} "
                f"for {class_of.student(number)} in {output}"
            )
