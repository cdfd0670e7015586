"""A class of any size, made by varying the labelled submissions; the same class every time.

    .venv/bin/python benchmarks/class_of.py 1000 build/bench/class-1000

Everybody hands in the released notebook with its three solution cells filled in. The answers are
the labelled ones that are plain torch, so that stock nbgrader and Otter can run them too, and
none loops until a limit. Of every ten students seven are right and three are wrong, and every
hundred is the same mix, so the cost of a submission does not depend on the size of the class. A
comment with the student's number makes each notebook's bytes its own.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from autograder.authoring.labelled import labelled_submissions, solution_cells
from autograder.spec import find_course

COURSE = find_course(Path(__file__))
ASSIGNMENT = "convolutions"
LARGEST = 100_000  # students; their names have five digits
BLOCK, RIGHT, WRONG_PLACES = 100, 70, (2, 5, 9)  # places of each ten; 70 right, 30 wrong
MIX = "70 % right, 30 % wrong, none that loops until a limit"
# What a solution cell binds, and the cell's grade_id, in the notebook's order.
SOLUTION_CELLS = {"corr2d": "corr2d", "Conv2D": "conv2d-layer", "train_kernel": "train-kernel"}
_PLAIN_MODULES = {
    "collections", "copy", "functools", "itertools", "math", "numpy", "operator", "random",
    "torch", "typing",
}  # fmt: skip
_LOOPS_UNTIL_A_LIMIT = {"wrong/train_never_ends"}
# These start a C compiler, or import what an ordinary environment lacks: not the same work for all.
_NOT_THE_SAME_WORK = {
    "correct/compiled", "correct/scripted_and_vmapped", "correct/tensorboard_writer",
}  # fmt: skip


class Answer(msgspec.Struct, frozen=True):
    """The text of each solution cell, by grade_id; ``name`` is the labelled submission's."""

    name: str
    cells: dict[str, str]

    @property
    def right(self) -> bool:
        """Whether it deserves full marks."""
        return self.name.startswith("correct/")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a class of COUNT students in FOLDER.")
    parser.add_argument("count", type=_count, metavar="COUNT", help="students, 1 at least")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="other students' stay there")
    given = parser.parse_args()
    try:
        make_class(given.count, given.folder)
    except OSError as error:
        parser.error(f"{given.folder}: {error.strerror}; name a folder you can write to")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {LARGEST}")
    return int(text)


def make_class(count: int, folder: Path, first: int = 0) -> None:
    """Write ``count`` submissions, of the students from ``first`` on, into ``folder``.

    It is laid out <student>/<assignment>/. Other students' folders that are there stay.
    """
    for number in range(first, first + count):
        target = folder / student(number) / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(filled_in(released_notebook(), number))


def student(number: int) -> str:
    """Their name: s00017."""
    return f"s{number:05}"


def filled_in(notebook: dict[str, Any], number: int) -> bytes:
    """``notebook`` with the answer of student ``number`` in its solution cells, as a file."""
    answer = answer_of(number)
    cells = []
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answer.cells:
            text = answer.cells[grade_id]
            if grade_id == "corr2d":
                text = f"# answer {number}\n{text}"
            cell = {**cell, "source": text.splitlines(keepends=True)}
        cells.append(cell)
    return json.dumps({**notebook, "cells": cells}, ensure_ascii=False, indent=1).encode()


def released_notebook() -> dict[str, Any]:
    """What students of this course get."""
    path = COURSE.release(ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def answer_of(number: int) -> Answer:
    """The answer of student ``number``, the same in each block of a hundred."""
    return _block()[number % BLOCK]


@cache
def _block() -> tuple[Answer, ...]:
    answers = plain_answers()
    right = [answer for answer in answers if answer.right]
    wrong = [answer for answer in answers if not answer.right]
    count = BLOCK - RIGHT
    chosen_right = [right[number % len(right)] for number in range(RIGHT)]
    chosen_wrong = [wrong[number * len(wrong) // count] for number in range(count)]
    generator = random.Random(ASSIGNMENT)
    generator.shuffle(chosen_right)
    generator.shuffle(chosen_wrong)
    return tuple(
        (chosen_wrong if number % 10 in WRONG_PLACES else chosen_right).pop()
        for number in range(BLOCK)
    )


@cache
def plain_answers() -> tuple[Answer, ...]:
    """The labelled submissions that are plain torch, as solution cells, by name."""
    base = solution_cells(COURSE, ASSIGNMENT)
    written = [cell.source for cell in base if cell.name.startswith("<solution")]
    solution = _cut(_without_marks("\n\n".join(written)))
    answers = []
    for labelled in labelled_submissions(COURSE, ASSIGNMENT):
        if labelled.name in _LOOPS_UNTIL_A_LIMIT | _NOT_THE_SAME_WORK:
            continue
        # A wrong one's own cells stand behind those of the solution.
        own = labelled.form.cells[len(base) if labelled.label is not None else 0 :]
        text = _without_marks("\n\n".join(cell.source for cell in own))
        if _is_plain(text) and (cells := _cut(text)):
            answers.append(Answer(labelled.name, {**solution, **cells}))
    return tuple(answers)


def _without_marks(text: str) -> str:
    """Without the solution's markers and canary and without a label: no student hands those in."""
    marks = ("### BEGIN SOLUTION", "### END SOLUTION", "# canary:")
    labels = ("# mistake:", "# loses", "# misconception:")
    lines = (line for line in text.splitlines() if not line.strip().startswith((*marks, *labels)))
    return "\n".join(lines)


def _is_plain(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False  # magics and shell lines, which only a notebook's kernel reads
    return set(_imported(tree)) <= _PLAIN_MODULES


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        yield from (name.partition(".")[0] for name in names)


def _cut(text: str) -> dict[str, str]:
    """``text`` as solution cells: each reaches to the end of what binds its name, the last to the
    end. Empty where the names do not come in the notebook's order.
    """
    ends: dict[str, int] = {}
    for node in ast.parse(text).body:
        for name in _bound(node):
            if name in SOLUTION_CELLS:
                ends.pop(name, None)
                ends[name] = node.end_lineno or 0
    if list(ends) != [name for name in SOLUTION_CELLS if name in ends]:
        return {}
    lines = text.splitlines()
    stops = [*list(ends.values())[:-1], len(lines)]
    starts = [0, *stops]
    return {
        SOLUTION_CELLS[name]: "\n".join(lines[start:stop]).strip()
        for name, start, stop in zip(ends, starts, stops, strict=False)
    }


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


if __name__ == "__main__":
    main()
