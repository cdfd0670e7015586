"""What the released folder says of its assignment, and which of the student's files to check."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.messages import _, language
from autograder.spec import AssignmentSpec, Exercise, Limits, translated
from autograder.student.written import chosen
from autograder.submission import Form, as_form
from autograder.submission.reading import printable


class HiddenChecks(msgspec.Struct, frozen=True):
    """How many checks are not here, and what they are worth."""

    count: int
    points: int


class Released(msgspec.Struct, frozen=True):
    """The facts in a released folder's conftest.py."""

    name: str
    title: str
    exercises: tuple[Exercise, ...]
    hidden_checks: HiddenChecks
    layers: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    tensors: dict[str, tuple[str, ...]] = {}
    limits: Limits = Limits()
    texts: Mapping[str, Mapping[str, str]] = {}  # by language: English → what is said instead

    @property
    def spec(self) -> AssignmentSpec:
        """As much of the assignment's spec as students are given, in the student's language."""
        spec = AssignmentSpec(
            title=self.title,
            exercises=self.exercises,
            name=self.name,
            limits=self.limits,
            layers=self.layers,
            stand_ins=self.stand_ins,
            windows=self.windows,
            tensors=self.tensors,
        )
        return translated(spec, language(), self.texts.get(language(), {}))

    @property
    def visible_points(self) -> int:
        """The most that can be shown without the hidden checks."""
        return self.spec.points - self.hidden_checks.points


def read_released(folder: Path) -> Released:
    """The facts in ``folder/conftest.py``, read and not run. Raises OperatorError without them."""
    path = folder / "conftest.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == (
                "ASSIGNMENT"
            ):
                released = msgspec.convert(ast.literal_eval(statement.value), Released)
                spec = released.spec
                return msgspec.structs.replace(released, title=spec.title, exercises=spec.exercises)
    except (OSError, SyntaxError, ValueError) as error:  # ValidationError is a ValueError
        raise _not_released(path, str(error)) from error
    raise _not_released(path, _("it does not name the assignment"))


def find_released(start: Path) -> tuple[Path, Released]:
    """The released folder that ``start``, a file or folder, belongs to, and its facts.

    Raises OperatorError where there is none.
    """
    folder = start if start.is_dir() else start.parent
    for candidate in (folder.resolve(), Path.cwd()):
        if (candidate / "conftest.py").exists() and (candidate / "test_visible.py").exists():
            return candidate, read_released(candidate)
    raise _not_released(folder, _("there is no conftest.py with a test_visible.py beside it"))


def students_form(path: Path, released: Released) -> tuple[Form, str]:
    """The file to check, see `students_file`, as what will run of it; and what to say of another.

    Raises OperatorError when there is none, SubmissionError when it cannot be read.
    """
    path, about = students_file(path, released)
    return as_form(printable(path.name), path.read_bytes(), released.name), about


def students_file(path: Path, released: Released) -> tuple[Path, str]:
    """The file to check, and a sentence on the other form or nothing.

    It is ``path`` itself, or of a folder's notebook and script the one that `chosen` says.

    Raises OperatorError when there is none.
    """
    if path.is_dir():
        there = [p for name in form_names(released) if (p := path / name).is_file()]
        if not there:
            raise OperatorError(
                _(
                    "{folder}: holds neither {name}.ipynb nor {name}.py\n"
                    "  fix: run this in the folder with your file, or name the file"
                ).format(folder=path, name=released.name)
            )
        return (there[0], "") if len(there) == 1 else chosen(*there)
    if not path.is_file():
        raise OperatorError(
            _("{path}: there is no such file\n  fix: name your notebook or script").format(
                path=path
            )
        )
    return path, ""


def form_names(released: Released) -> tuple[str, str]:
    """What the notebook and the script of the assignment are called."""
    return f"{released.name}.ipynb", f"{released.name}.py"


def _not_released(path: Path, why: str) -> OperatorError:
    return OperatorError(
        _(
            "{path}: this is not the folder of an assignment: {why}\n"
            "  fix: run this where your notebook, conftest.py and test_visible.py lie"
        ).format(path=path, why=why)
    )
