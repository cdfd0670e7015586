"""One real sandbox for all tests here, with limits so short that a time-out takes no time."""

from collections.abc import Callable, Iterator
from textwrap import dedent

import msgspec
import pytest

from autograder.checks import Student
from autograder.errors import FailureKind, StudentFailure
from autograder.sandbox.host import Sandbox
from autograder.sandbox.session import Problem, SandboxedStudent
from autograder.spec import AssignmentSpec, CarriedForward, Exercise, Limits
from autograder.submission import Cell

SPEC = AssignmentSpec(
    title="Toy",
    exercises=(Exercise("one", "One", 1), Exercise("two", "Two", 1)),
    layers=("Conv2d", "LazyConv2d"),
    limits=Limits(
        statement_cpu_seconds=0.5,
        check_cpu_seconds=0.3,
        memory_mib=512,
        scratch_mib=1,
    ),
)


class Loaded:
    """A submission in the sandbox, and what checks do with it."""

    def __init__(self, session: SandboxedStudent) -> None:
        self.session = session
        self.student = Student(session)

    @property
    def problems(self) -> list[Problem]:
        return [self.session.problems[key] for key in sorted(self.session.problems)]

    def check(self, function: str, *args: object, exercise: str = "one", seed: int = 0) -> object:
        """What the only call of a new check gives back. Raises StudentFailure."""
        self.session.begin_check(exercise, seed)
        return self.student.call(function, *args).value

    def failure(self, function: str, *args: object, exercise: str = "one") -> StudentFailure:
        """How a check ends whose only call fails."""
        with pytest.raises(StudentFailure) as caught:
            self.check(function, *args, exercise=exercise)
        return caught.value

    def kind(self, function: str, *args: object, exercise: str = "one") -> FailureKind:
        return self.failure(function, *args, exercise=exercise).kind


@pytest.fixture(scope="session")
def spec() -> AssignmentSpec:
    return SPEC


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE_SECRET", "the-course-secret-of-this-test")
        with Sandbox(SPEC) as sandbox:
            yield sandbox


@pytest.fixture
def load(sandbox: Sandbox) -> Iterator[Callable[..., Loaded]]:
    """Load a file, or several cells, and end it after the test."""
    sessions: list[SandboxedStudent] = []

    def load(
        *cells: str, carried: CarriedForward | None = None, load_seed: int = 7, **limits: float
    ) -> Loaded:
        session = SandboxedStudent(
            sandbox,
            [Cell(dedent(source), "hers.py", 1) for source in cells],
            "hers",
            msgspec.structs.replace(SPEC.limits, **limits),
            load_seed,
            carried,
        )
        sessions.append(session)
        session.load()
        return Loaded(session)

    yield load
    for session in sessions:
        session.close()
