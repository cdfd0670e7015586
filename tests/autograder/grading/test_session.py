"""The trusted pytest session: what counts as failed, what is kept, whose configuration it takes."""

import gc
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from torch import Tensor

from autograder.checks import Draw, Student
from autograder.errors import AuthorError, FailureKind, StudentFailure
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import Outcome, Visibility
from autograder.sandbox.inside import wire
from autograder.spec import AssignmentSpec, Exercise

HEADER = """\
import pytest
import torch
from autograder.checks import FailureKind, StudentFailure, assert_close, check

"""
PASSES = HEADER + '@check("one", points=1, hint="Try.")\ndef test_it(student): pass\n'
MIB = 2**20


class Echo:
    """A student's side that answers every call with one tensor, or fails as it is told."""

    def __init__(self, answer: Tensor | StudentFailure) -> None:
        self._answer = answer

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        if isinstance(self._answer, StudentFailure):
            raise self._answer
        returned = wire.Returned("tensor", "Tensor", 0, None, "float32", False, ())
        return returned, [self._answer]


def student(answer: Tensor | StudentFailure | None = None) -> Student:
    return Student(Echo(torch.zeros(2) if answer is None else answer))


class Course:
    """Check files in a folder of their own, and the session that runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.visible, self.hidden = folder / "visible", folder / "hidden"
        self.visible.mkdir()
        self.hidden.mkdir()

    def write(self, source: str, hidden: str = "") -> None:
        (self.visible / "test_seen.py").write_text(HEADER + dedent(source))
        if hidden:
            (self.hidden / "test_unseen.py").write_text(HEADER + dedent(hidden))

    def run(self, body: Callable[[Runner], None], points: int = 1) -> None:
        spec = AssignmentSpec(title="Toy", exercises=(Exercise("one", "One", points),))
        run_session(self.visible, self.hidden, spec, body)

    def verdicts(self, *students: Student) -> list[Verdict]:
        """What the one check says of each student in turn."""
        found: list[Verdict] = []

        def body(runner: Runner) -> None:
            [check] = runner.checks
            found.extend(runner.run(check, one, Draw(0)) for one in students or [student()])

        self.run(body)
        return found


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


# --- Outcomes -----------------------------------------------------------------------------------

FAILS = {
    "assert": "assert 1 == 2",
    "mismatch": "assert_close(student.f(), torch.ones(2))",
    "another shape": "assert_close(student.f(), torch.ones(3))",
    "a student's failure": "raise StudentFailure(FailureKind.RAISED, 'f raised')",
}
BREAKS = {
    "attribute of None": "None.shape",
    "type": "len(3)",
    "index": "student.f()[9]",
    "torch": "torch.zeros(2) @ torch.zeros(3)",
    "division": "1 / 0",
    "skip": "pytest.skip('not today')",
    "xfail": "pytest.xfail('later')",
    "fail": "pytest.fail('no')",
    "importorskip": "pytest.importorskip('no_such_module')",
    "exit": "raise SystemExit(0)",
    "memory": "raise MemoryError",
    "recursion": "(lambda f: f(f))(lambda f: f(f))",
    "caught and told otherwise": (
        "try:\n        raise StudentFailure(FailureKind.RAISED, 'x')\n"
        "    except StudentFailure as error:\n        raise ValueError from error"
    ),
}


def a_check(body: str, arguments: str = "student") -> str:
    return f'@check("one", points=1, hint="Try.")\ndef test_it({arguments}):\n    {body}\n'


def test_a_check_that_ends_has_passed(course: Course) -> None:
    course.write(a_check("assert_close(student.f(), torch.zeros(2))"))

    [verdict] = course.verdicts()

    assert verdict == Verdict(Outcome.PASSED)


@pytest.mark.parametrize("body", FAILS.values(), ids=FAILS)
def test_an_assertion_or_a_students_failure_in_a_check_is_failed(body: str, course: Course) -> None:
    course.write(a_check(body))

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.FAILED


@pytest.mark.parametrize("body", BREAKS.values(), ids=BREAKS)
def test_anything_else_in_a_check_is_errored(body: str, course: Course) -> None:
    course.write(a_check(body))

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.ERRORED
    assert "test_seen.py" in verdict.trace


@pytest.mark.parametrize("raises", ["assert False", "raise StudentFailure(FailureKind.DIED, '')"])
def test_whatever_a_fixture_raises_is_errored(raises: str, course: Course) -> None:
    course.write(
        f"@pytest.fixture\ndef image():\n    {raises}\n" + a_check("pass", "student, image")
    )

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.ERRORED


@pytest.mark.parametrize("body", ["pass", "assert False"])
def test_a_fixture_that_breaks_while_it_is_torn_down_is_errored(body: str, course: Course) -> None:
    course.write(
        "@pytest.fixture\ndef image():\n    yield\n    assert False\n"
        + a_check(body, "student, image")
    )

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.ERRORED


def test_a_fixture_that_is_not_there_is_errored(course: Course) -> None:
    course.write(a_check("pass", "student, tmp_path_of_yesterday"))

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.ERRORED


def test_an_outcome_is_not_kept_for_the_next_student(course: Course) -> None:
    course.write(a_check("assert_close(student.f(), torch.zeros(2))"))
    died = student(StudentFailure(FailureKind.DIED, "gone"))

    verdicts = course.verdicts(student(), died, student(torch.ones(2)), student())

    assert [verdict.outcome.value for verdict in verdicts] == [
        "passed", "failed", "failed", "passed",
    ]  # fmt: skip


def test_ctrl_c_in_a_check_stops_the_run(course: Course) -> None:
    course.write(a_check("raise KeyboardInterrupt"))

    with pytest.raises(KeyboardInterrupt):
        course.verdicts()


def test_what_grading_raises_comes_out_as_it_was(course: Course) -> None:
    course.write(a_check("pass"))

    def body(runner: Runner) -> None:
        raise LookupError("of its own")

    with pytest.raises(LookupError, match="of its own"):
        course.run(body)


# --- Nothing is kept ----------------------------------------------------------------------------


def test_the_answers_of_one_student_cannot_be_reached_when_the_next_is_graded(
    course: Course,
) -> None:
    course.write(
        a_check("answer = student.f()\n    kept = [answer]\n    assert_close(answer, kept[0] + 1)")
    )
    alive: list[object] = []

    def body(runner: Runner) -> None:
        [check] = runner.checks
        answer = torch.full((3,), 7.0)
        first = student(answer)
        references = weakref.ref(answer), weakref.ref(first)
        verdict = runner.run(check, first, Draw(0))
        assert verdict.outcome is Outcome.FAILED
        del answer, first, verdict
        gc.collect()
        alive.extend(reference() for reference in references)

    course.run(body)

    assert alive == [None, None]


def test_sections_and_properties_of_a_check_are_cleared(course: Course) -> None:
    course.write(
        a_check(
            "request.node.add_report_section('call', 'stdout', 'an answer')\n"
            "    request.node.user_properties.append(('answer', student.f()))",
            "student, request",
        )
    )
    found: list[object] = []

    def body(runner: Runner) -> None:
        [check] = runner.checks
        for _ in range(2):
            runner.run(check, student(), Draw(0))
            found.append((list(check.item._report_sections), list(check.item.user_properties)))

    course.run(body)

    assert found == [([], [])] * 2


@pytest.mark.parametrize("scope", ["function", "module", "session"])
def test_a_fixture_of_any_scope_is_made_anew_for_each_student(scope: str, course: Course) -> None:
    course.write(
        f"@pytest.fixture(scope={scope!r})\ndef kept():\n    return []\n"
        + a_check("kept.append(student.f())\n    assert len(kept) == 1", "student, kept")
    )

    verdicts = course.verdicts(student(), student())

    assert [verdict.outcome for verdict in verdicts] == [Outcome.PASSED] * 2


def test_the_fixtures_give_nothing_outside_of_a_students_run(course: Course) -> None:
    course.write(a_check("pass"))
    verdicts: list[Verdict] = []

    def body(runner: Runner) -> None:
        [check] = runner.checks
        runner.run(check, student(), Draw(0))
        check.item.config.hook.pytest_runtest_protocol(item=check.item, nextitem=None)
        verdicts.append(runner._plugin.verdict())

    course.run(body)

    assert verdicts[0].outcome is Outcome.ERRORED


def test_memory_stays_flat_over_two_hundred_students(course: Course) -> None:
    course.write(a_check("answer = student.f()\n    assert answer is None, 'wrong'"))
    sizes: list[int] = []

    def body(runner: Runner) -> None:
        [check] = runner.checks
        for _ in range(200):
            runner.run(check, student(torch.ones(512, 512)), Draw(0))
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))

    course.run(body)

    assert sizes[-1] - sizes[20] < 60 * MIB, "200 answers of 1 MiB each are kept"


def test_no_module_path_or_bytecode_of_the_checks_is_left(course: Course) -> None:
    course.write("import helper\n" + a_check("pass"))
    (course.visible / "helper.py").write_text("")
    path, flag = list(sys.path), sys.dont_write_bytecode

    course.verdicts()

    assert sys.path == path and sys.dont_write_bytecode == flag
    assert "test_seen" not in sys.modules and "helper" not in sys.modules
    assert list(course.folder.rglob("*.pyc")) == []


# --- What an author did wrong -------------------------------------------------------------------

AUTHOR_ERRORS = {
    "no mark": ("def test_it(student): pass", r"test_seen\.py:5: test_it is no check"),
    "unknown exercise": (
        '@check("two", points=1, hint="x")\ndef test_it(student): pass',
        r"test_seen\.py:5: there is no exercise 'two'",
    ),
    "half a point": (
        '@check("one", points=0.5, hint="x")\ndef test_it(student): pass', r"test_seen\.py:5: ",
    ),
    "no point": (
        '@check("one", points=0, hint="x")\ndef test_it(student): pass', r"test_seen\.py:5: ",
    ),
    "no hint": (
        '@check("one", points=1, hint=" ")\ndef test_it(student): pass', r"test_seen\.py:5: ",
    ),
    "an empty second hint": (
        '@check("one", points=1, hint=("x", ""))\ndef test_it(student): pass', r"test_seen\.py:5: ",
    ),
    "no hint in a tuple": (
        '@check("one", points=1, hint=())\ndef test_it(student): pass', r"test_seen\.py:5: ",
    ),
    "points": (a_check("pass").replace("1", "2"), r"one add up to 2 points(.|\n)*says 1"),
    "syntax": ("def test_it(:", r'test_seen\.py", line 5(.|\n)*SyntaxError|test_seen\.py:5'),
    "import": ("import no_such_module", r"test_seen\.py:5"),
    "no checks": ("", "add up to 0 points"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "said"), AUTHOR_ERRORS.values(), ids=AUTHOR_ERRORS)
def test_a_mistake_of_the_author_is_named_with_its_place_before_anybody_is_graded(
    source: str, said: str, course: Course
) -> None:
    course.write(source)

    with pytest.raises(AuthorError, match=said):
        course.verdicts()


def test_two_checks_of_one_name_are_refused(course: Course) -> None:
    course.write(a_check("pass"), hidden=a_check("pass"))

    with pytest.raises(
        AuthorError, match=r"another check is called test_it: .*test_seen.py:5\n  fix: rename"
    ):
        course.run(lambda runner: None, points=2)


def test_two_check_files_of_one_name_are_refused(course: Course) -> None:
    course.write(a_check("pass"))
    (course.hidden / "test_seen.py").write_text(PASSES.replace("test_it", "test_that"))

    with pytest.raises(AuthorError, match="cannot be collected"):
        course.run(lambda runner: None, points=2)


def test_visible_checks_run_before_hidden_ones(course: Course) -> None:
    (course.hidden / "test_a.py").write_text(PASSES.replace("test_it", "test_a"))
    (course.visible / "test_z.py").write_text(PASSES.replace("test_it", "test_z"))
    seen: list[tuple[str, Visibility]] = []

    course.run(lambda runner: seen.extend((c.name, c.visibility) for c in runner.checks), points=2)

    assert seen == [("test_z", Visibility.VISIBLE), ("test_a", Visibility.HIDDEN)]


# --- Nobody else's configuration ----------------------------------------------------------------


@pytest.fixture
def outside(
    course: Course, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder to start from; whatever is taken from outside leaves the file ``taken`` there."""
    folder = tmp_path_factory.mktemp("outside")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    course.write(a_check("pass"))
    yield folder


def take(folder: Path) -> str:
    return f"open({str(folder / 'taken')!r}, 'w').close()\n"


@pytest.mark.parametrize("place", ["visible", "hidden", "."])
def test_a_conftest_beside_the_checks_is_not_taken(
    place: str, course: Course, outside: Path
) -> None:
    for folder in (course.folder / place, outside):
        (folder / "conftest.py").write_text(take(outside))

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.PASSED
    assert not (outside / "taken").exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\naddopts = -p evil --no-such-option\n"),
        ("tox.ini", "[pytest]\naddopts = -p evil --no-such-option\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = -p evil --no-such-option\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-p evil --no-such-option'\n"),
        (".pytest.ini", "[pytest]\naddopts = -p evil --no-such-option\n"),
    ],
)
def test_a_configuration_file_from_outside_is_not_taken(
    file: str, text: str, course: Course, outside: Path
) -> None:
    (outside / "evil.py").write_text(take(outside))
    for folder in (course.visible, course.folder, outside):
        (folder / file).write_text(text)

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.PASSED
    assert not (outside / "taken").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PYTEST_ADDOPTS", "-p evil"),
        ("PYTEST_ADDOPTS", "--collect-only --no-such-option"),
        ("PYTEST_PLUGINS", "evil"),
    ],
)
def test_a_variable_from_outside_is_not_taken_and_stays_as_it_was(
    variable: str, value: str, course: Course, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (outside / "evil.py").write_text(take(outside))
    monkeypatch.setenv(variable, value)

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.PASSED
    assert not (outside / "taken").exists()
    assert os.environ[variable] == value


def test_a_plugin_of_an_installed_package_is_not_taken(course: Course, outside: Path) -> None:
    (outside / "evil.py").write_text(take(outside))
    package = outside / "evil-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[pytest11]\nevil = evil\n")

    [verdict] = course.verdicts()

    assert verdict.outcome is Outcome.PASSED
    assert not (outside / "taken").exists()
    assert "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ
