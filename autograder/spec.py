"""assignment.toml and course.toml as types, and where a course keeps its files."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from autograder.errors import AuthorError, OperatorError
from autograder.messages import ENGLISH, _, asked_language

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One graded part with its own nbgrader grade cell."""

    name: str
    title: str
    points: int


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use up. Wall time is ``wall_factor`` times the CPU time."""

    statement_cpu_seconds: float = 10.0
    check_cpu_seconds: float = 2.0
    wall_factor: float = 10.0
    memory_mib: int = 1024  # on top of what the interpreter with torch already maps
    scratch_mib: int = 16  # the largest file student code may write
    file_bytes: int = 16 * 2**20  # the largest file that is read as a submission


class CarriedForward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where ``lost`` exercises lost points, failed checks of ``rerun`` run with ``name`` replaced.

    ``function`` is a name from the sandbox's table of torch functions.
    """

    lost: tuple[str, ...]
    rerun: tuple[str, ...]
    name: str
    function: str


class LatePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What handing in late costs; as it stands here, nothing.

    The grace comes before every day: with 15 minutes of it, who is 24 hours and 10 minutes late
    has started one day.
    """

    percent_per_started_day: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0  # of all points
    cut_off_after_days: Annotated[int, msgspec.Meta(ge=0)] | None = None  # later, nothing counts
    grace_minutes: Annotated[int, msgspec.Meta(ge=0)] = 0


class AssignmentSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything special to one assignment that the engine needs to know."""

    title: str
    exercises: tuple[Exercise, ...]
    name: str = ""
    limits: Limits = Limits()
    layers: tuple[str, ...] = ()  # torch.nn classes a check may make
    stand_ins: tuple[str, ...] = ()  # modules that are inert when missing
    library_functions: tuple[str, ...] = ()  # remarked on when an exercise's function uses them
    library_remark_in: tuple[str, ...] = ()  # the student's functions they are looked for in
    # The student's functions whose output at (i, j) is made of what the second argument covers of
    # the first when it is laid on at (i, j): a page outlines that window.
    windows: tuple[str, ...] = ()
    tensors: dict[str, tuple[str, ...]] = {}  # names of a function's tensors, in pictures
    curves: tuple[str, ...] = ()  # functions whose answer, one number an epoch, pages draw so
    # What `grade --after-due` adds of hidden checks: what differs in numbers, and in words.
    after_due: tuple[Literal["pictures", "messages"], ...] = ()
    carried_forward: CarriedForward | None = None
    void: tuple[str, ...] = ()  # checks found wrong: everybody has their points
    late: LatePolicy | None = None  # in the place of the course's, as a whole
    # What follows is never in assignment.toml: `Course.assignment` fills it in.
    language: str = ENGLISH  # of the titles, and of what `say` gives
    texts: Mapping[str, str] = {}  # English as the author wrote it → in that language

    def say(self, text: str) -> str:
        """What the author wrote, in the language of this spec where it has been translated."""
        return self.texts.get(text, text)

    @property
    def points(self) -> int:
        """All points of the assignment."""
        return sum(exercise.points for exercise in self.exercises)


class CourseSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """course.toml."""

    course_id: str
    term: str = ""
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    late: LatePolicy | None = None


class Course(msgspec.Struct, frozen=True):
    """The course repository: the staff's side, where assignments are made and graded."""

    root: Path
    spec: CourseSpec

    def source(self, assignment: str) -> Path:
        """The single source of an assignment, a percent-format script."""
        return self.root / "solutions" / assignment / f"{assignment}.py"

    def release(self, assignment: str) -> Path:
        """What students get."""
        return self.root / "assignments" / assignment

    def releases(self, assignment: str) -> dict[str, Path]:
        """What students get, by language: the first of course.toml's, then a folder in it each.

        A further language without a catalog of the assignment is left out: it would be in English.
        """
        folder = self.release(assignment)
        first, *others = self.spec.languages
        there = (
            language
            for language in others
            if language == ENGLISH or self.translations(assignment, language).is_file()
        )
        return {first: folder, **{language: folder / language for language in there}}

    def visible_checks(self, assignment: str) -> Path:
        """The checks students may see and run."""
        return self.root / "tests" / "visible" / assignment

    def hidden_checks(self, assignment: str) -> Path:
        """The checks students never see."""
        return self.root / "tests" / "hidden" / assignment

    def labelled(self, assignment: str) -> Path:
        """The labelled submissions, the tests of the tests."""
        return self.root / "tests" / "submissions" / assignment

    def translations(self, assignment: str, language: str) -> Path:
        """Where what people read of an assignment is kept in another language."""
        return self.root / "solutions" / assignment / "locale" / f"{language}.po"

    @property
    def students_language(self) -> str:
        """What students read: what --lang asks for, else the first of course.toml.

        Not the language of who grades: in another one, the same class would be graded again.
        """
        return asked_language() or self.spec.languages[0]

    def texts(self, assignment: str, language: str) -> Mapping[str, str]:
        """What has been translated of what people read of an assignment, by the English."""
        path = self.translations(assignment, language)
        if language == ENGLISH or not path.is_file():
            return {}
        return _read_texts(path, language, path.stat().st_mtime_ns)

    def assignments(self) -> list[str]:
        """The names of all assignments, sorted."""
        return sorted(p.parent.name for p in self.root.glob("solutions/*/assignment.toml"))

    def assignment(self, name: str, language: str | None = None) -> AssignmentSpec:
        """The spec of assignment ``name``, its texts as students read them, or in ``language``.

        Raises OperatorError or AuthorError.
        """
        path = self.root / "solutions" / name / "assignment.toml"
        if name not in self.assignments():
            raise OperatorError(
                _("there is no assignment {name!r} in {folder}\n  fix: one of {names}").format(
                    name=name, folder=self.root / "solutions", names=", ".join(self.assignments())
                )
            )
        language = language or self.students_language
        spec = _decode_toml(path, AssignmentSpec)
        return translated(
            msgspec.structs.replace(spec, name=name), language, self.texts(name, language)
        )

    def late_policy(self, assignment: AssignmentSpec) -> LatePolicy:
        """What handing in ``assignment`` late costs: its own policy, else the course's."""
        return assignment.late or self.spec.late or LatePolicy()


def translated(spec: AssignmentSpec, language: str, texts: Mapping[str, str]) -> AssignmentSpec:
    """``spec``, which is in English, in ``language``: its titles, and what it says."""
    spec = msgspec.structs.replace(spec, language=language, texts=texts)
    exercises = (msgspec.structs.replace(one, title=spec.say(one.title)) for one in spec.exercises)
    return msgspec.structs.replace(spec, title=spec.say(spec.title), exercises=tuple(exercises))


def find_course(start: Path) -> Course:
    """The course whose root holds ``start``. Raises OperatorError outside of one."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course.toml").is_file():
            return Course(folder, _decode_toml(folder / "course.toml", CourseSpec))
    raise OperatorError(
        _(
            "no course.toml in {folder} or above it\n  fix: run this in the course repository"
        ).format(folder=start.resolve())
    )


@functools.cache
def _read_texts(path: Path, language: str, modified: int) -> Mapping[str, str]:
    """The translations in a .po that nobody has to look at again."""
    # Where all is in English nobody waits for it, and a student's machine has no babel.
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalog = read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise AuthorError(
            _("{path}: {error}\n  fix: correct that line, or run: autograder translations").format(
                path=path, error=error
            )
        ) from error
    return {
        message.id: message.string
        for message in catalog
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and message.string
        and not message.fuzzy
    }


def _decode_toml(path: Path, kind: type[_Struct]) -> _Struct:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, OSError) as error:
        raise AuthorError(
            _(
                "{path}: {error}\n  fix: correct that line; docs/authoring.md lists every key"
            ).format(path=path, error=error)
        ) from error
