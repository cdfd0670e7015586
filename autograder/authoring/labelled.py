"""The labelled submissions of an assignment: what is right, and what is wrong in one known way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.authoring.release import build_source_notebook
from autograder.errors import AuthorError
from autograder.messages import _
from autograder.spec import AssignmentSpec, Course
from autograder.submission import Cell, Form, as_form

_NOTHING = "none"  # the misconception of a mistake that is known by no name


class Label(msgspec.Struct, frozen=True):
    """What a wrong submission has to lose, and the name that the mistake must be given, if any.

    ``mistake`` is one sentence; every exercise of ``loses`` loses at least a point, those of
    ``loses_all`` everything, and no other loses any.
    """

    mistake: str
    loses: tuple[str, ...]
    loses_all: tuple[str, ...]
    misconception: str | None

    @property
    def exercises(self) -> tuple[str, ...]:
        """All that must lose."""
        return (*self.loses, *self.loses_all)


class Labelled(msgspec.Struct, frozen=True):
    """One labelled submission; ``label`` is None where it is right and must earn everything."""

    name: str  # correct/loops, wrong/flipped
    form: Form
    label: Label | None


def labelled_submissions(course: Course, assignment: str) -> list[Labelled]:
    """Every file of correct/ and wrong/, by name.

    A file of correct/ is a submission as it stands. One of wrong/ holds only what is wrong, below
    its label: it is put, as one more cell, behind the cells of the solution, and the last
    definition wins.

    Raises AuthorError where a label is missing or names what there is not.
    """
    spec = course.assignment(assignment)
    folder = course.labelled(assignment)
    right = [
        Labelled(f"correct/{path.stem}", as_form(path.name, path.read_bytes(), assignment), None)
        for path in _files(folder / "correct")
    ]
    base = solution_cells(course, assignment)
    wrong = []
    for path in _files(folder / "wrong"):
        text = path.read_text(encoding="utf-8")
        label = read_label(text, path, spec)
        _refuse_what_does_not_parse(text, path)
        wrong.append(Labelled(f"wrong/{path.stem}", laid_over(base, text, path, spec), label))
    return [*right, *wrong]


def _refuse_what_does_not_parse(text: str, path: Path) -> None:
    """It would be left out, and the solution graded alone."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise AuthorError(
            _(
                "{path}: {error}\n  fix: correct it; a file that no longer parses has no mistake"
            ).format(path=path, error=error)
        ) from error


def laid_over(base: tuple[Cell, ...], text: str, path: Path, spec: AssignmentSpec) -> Form:
    """The cells of a solution and then ``text``, which replaces what it defines again."""
    form = as_form(f"{spec.name}.py", text.encode(), spec.name)
    last = tuple(msgspec.structs.replace(cell, name=path.name) for cell in form.cells)
    return msgspec.structs.replace(form, cells=(*base, *last))


def solution_cells(course: Course, assignment: str) -> tuple[Cell, ...]:
    """The solution as it runs: its own cells (named "<solution ...>") and locked, ungraded ones."""
    notebook = build_source_notebook(course, assignment)
    return tuple(
        Cell(cell.source, f"<{'solution' if is_solution(cell) else 'locked'} {number}>", 1)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code" and (is_solution(cell) or is_locked(cell))
        if not is_grade(cell)
    )


def read_label(text: str, path: Path, spec: AssignmentSpec) -> Label:
    """The label at the top of a wrong submission. Raises AuthorError where it is none."""
    keys: dict[str, str] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"#\s*([a-z ]+):\s*(\S.*?)\s*", line)
        if match is None:
            break
        keys[match[1]] = match[2]
    known = {exercise.name for exercise in spec.exercises}
    loses, loses_all = _names(keys.get("loses")), _names(keys.get("loses all of"))
    missing = {"mistake", "misconception"} - set(keys)
    if missing or not (loses or loses_all):
        raise AuthorError(
            _(
                "{path}: has no whole label\n  fix: begin it with the comments `# mistake: …`, "
                "`# loses: <exercise>, …` (or `# loses all of: …`) and `# misconception: <name>`, "
                "or `none`"
            ).format(path=path)
        )
    if unknown := sorted({*loses, *loses_all} - known):
        raise AuthorError(
            _("{path}: there is no exercise {unknown}\n  fix: one of {names}").format(
                path=path, unknown=", ".join(unknown), names=", ".join(sorted(known))
            )
        )
    named = keys["misconception"]
    return Label(keys["mistake"], loses, loses_all, None if named == _NOTHING else named)


def _files(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.suffix in (".py", ".ipynb"))


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
