"""tests/hidden/<assignment>/misconceptions.py: the mistakes that are known by name."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import AuthorError
from autograder.messages import _
from autograder.misconceptions.examples import Example
from autograder.report import MisconceptionText
from autograder.spec import AssignmentSpec

FILE_NAME = "misconceptions.py"
ANYTHING = "\0anything"  # what a model returns where the student's own answer does not matter
Model = Mapping[str, Callable[..., Any]]  # a student's name → what stands there by mistake


class Misconception(msgspec.Struct, frozen=True, kw_only=True):
    """A named, reproducible mistake.

    Args:
        name: Shown to people; lower case, with hyphens.
        exercises: Whose failed checks it can explain.
        to_student: One sentence: what the answers are, and what they should be.
        to_instructor: One sentence: what the class has to be told.
        read_on: Where the student reads on.
        models: Definitions that make the mistake, each over the right ones. A model runs in the
            grader on the inputs of a check, and answers as the student's code did.
        failed: Beside models or instead: of the checks of ``exercises``, exactly those of one of
            these sets fail.
    """

    name: str
    exercises: tuple[str, ...]
    to_student: str
    to_instructor: str
    read_on: str
    models: tuple[Model, ...] = ()
    failed: tuple[frozenset[str], ...] = ()

    @property
    def text(self) -> MisconceptionText:
        """What a report says of it."""
        return MisconceptionText(
            name=self.name,
            to_student=self.to_student,
            to_instructor=self.to_instructor,
            read_on=self.read_on,
        )

    def in_language(self, spec: AssignmentSpec) -> Misconception:
        """The same mistake, told in the language of ``spec``."""
        return msgspec.structs.replace(
            self,
            to_student=spec.say(self.to_student),
            to_instructor=spec.say(self.to_instructor),
            read_on=spec.say(self.read_on),
        )


class Misconceptions(msgspec.Struct, frozen=True):
    """All of an assignment; ``right`` holds the right definitions, which a model starts from."""

    right: Model = {}
    known: tuple[Misconception, ...] = ()
    examples: tuple[Example, ...] = ()  # what a mistake is drawn on


def read_misconceptions(folder: Path, spec: AssignmentSpec) -> Misconceptions:
    """``RIGHT``, ``MISCONCEPTIONS`` and, where there are some, ``EXAMPLES`` of the file in
    ``folder``, told in the language of ``spec``; none where there is no file.

    Raises AuthorError where they are not what they should be.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Misconceptions()
    module = _run(path)
    right, known = getattr(module, "RIGHT", None), getattr(module, "MISCONCEPTIONS", None)
    if not isinstance(right, Mapping) or not isinstance(known, list | tuple):
        raise AuthorError(
            _(
                "{path}: RIGHT or MISCONCEPTIONS is missing\n  fix: RIGHT is a dict of the right "
                "definitions, MISCONCEPTIONS a list of Misconception(...)"
            ).format(path=path)
        )
    names: set[str] = set()
    for one in known:
        why = _why_not(one, names, right, spec)
        if why:
            raise AuthorError(
                _("{path}: {name}: {why}").format(
                    path=path, name=getattr(one, "name", one), why=why
                )
            )
        names.add(one.name)
    return Misconceptions(
        right,
        tuple(one.in_language(spec) for one in known),
        tuple(getattr(module, "EXAMPLES", ())),
    )


def _why_not(one: object, names: set[str], right: Model, spec: AssignmentSpec) -> str:
    """What is wrong with a declaration, and the fix; nothing where it is whole."""
    if not isinstance(one, Misconception):
        return _("is no Misconception\n  fix: write Misconception(name=..., ...)")
    if one.name in names:
        return _("comes twice\n  fix: rename one, or give one both models")
    if not all(text.strip() for text in (one.name, one.to_student, one.to_instructor, one.read_on)):
        return _("has an empty text\n  fix: fill in every text, people read them")
    unknown = set(one.exercises) - {exercise.name for exercise in spec.exercises}
    if unknown or not one.exercises:
        return _("names no exercise, or none of assignment.toml\n  fix: one of {names}").format(
            names=", ".join(exercise.name for exercise in spec.exercises)
        )
    if strange := sorted({name for model in one.models for name in model} - set(right)):
        return _("has a model of {strange}, which RIGHT has not\n  fix: one of {names}").format(
            strange=", ".join(strange), names=", ".join(right)
        )
    if not one.models and not one.failed:
        return _("has no models and no failed checks\n  fix: give one of the two, or both")
    return ""


def _run(path: Path) -> Any:
    """The file as a module of its own; it imports its neighbours, which later files must not."""
    spec = importlib.util.spec_from_file_location(f"_misconceptions_of_{path.parent.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, modules = list(sys.path), set(sys.modules)
    flag, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AuthorError(
            _("{path}: {kind}: {error}\n  fix: correct the file; it is run as it stands").format(
                path=path, kind=type(error).__name__, error=error
            )
        ) from error
    finally:
        sys.path[:], sys.dont_write_bytecode = before, flag
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(path.parent)):
                del sys.modules[name]
    return module
