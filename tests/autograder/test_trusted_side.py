"""Trusted processes take no code, course or configuration from a student's folder."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
import torch
from torch import Tensor

from autograder import cli, escape
from autograder.__main__ import leave_the_current_folder
from autograder.checks import Draw, Student
from autograder.errors import OperatorError
from autograder.grading.session import Runner, Verdict, run_session
from autograder.report import Outcome, decode_report
from autograder.sandbox.inside import wire
from autograder.spec import AssignmentSpec, Course, Exercise
from autograder.trusted import trusted_course
from tests.autograder.conftest import ROOT, Run

RIGHT = ROOT / "examples" / "submitted" / "emil" / "convolutions" / "convolutions.py"
NOBODY = 65534
# Whatever Python, or a library of ours, might import from where a command is started.
MODULES = (
    "torch", "msgspec", "typer", "pytest", "nbgrader", "alembic", "sqlalchemy", "jupytext",
    "json", "io", "pathlib", "typing", "__future__", "dataclasses", "env",
    "conftest", "test_visible", "nbgrader_config", "jupyter_config", "evil", "__init__",
    "sitecustomize", "usercustomize", "startup",
)  # fmt: skip
PACKAGES = ("numpy", "rich", "_pytest", "autograder")
# Where the folder is on the path when Python starts, what site and installed .pth files import
# comes before any line of ours, and so does a package of our name. These come after.
IMPORTED_BY_US = ("torch.py", "msgspec.py", "typer.py", "nbgrader.py", "pytest.py", "numpy", "rich")


class Traps:
    """A course whose submitted/mallory/ is full of traps; each that springs leaves a marker."""

    def __init__(self, root: Path, markers: Path) -> None:
        self.root = root
        self.markers = markers
        markers.mkdir()
        self.mallory = root / "submitted" / "mallory"
        self.work = self.mallory / "convolutions"
        for student in ("honest", "mallory"):
            folder = root / "submitted" / student / "convolutions"
            folder.mkdir(parents=True)
            shutil.copy(RIGHT, folder)
        for folder in (self.mallory, self.work):
            self._set(folder)

    def _python(self, name: str) -> str:
        return f"open({str(self.markers / name)!r}, 'w').close()\n"

    def _set(self, folder: Path) -> None:
        for name in MODULES:
            (folder / f"{name}.py").write_text(self._python(f"{name}.py"))
        for name in PACKAGES:
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(self._python(name))
        pytest_options = "addopts = -p evil\npythonpath = .\n"
        (folder / "pytest.ini").write_text(f"[pytest]\n{pytest_options}")
        (folder / "tox.ini").write_text(f"[pytest]\n{pytest_options}")
        (folder / "setup.cfg").write_text(f"[tool:pytest]\n{pytest_options}")
        (folder / "pyproject.toml").write_text(
            '[tool.pytest.ini_options]\naddopts = "-p evil"\npythonpath = "."\n'
            '[tool.coverage.run]\nplugins = ["evil"]\n'
        )
        (folder / ".coveragerc").write_text("[run]\nplugins = evil\n")
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = .\n")
        (folder / "Makefile").write_text(f"all grade:\n\ttouch {self.markers / 'Makefile'}\n")
        (folder / "evil.pth").write_text(f"import os; {self._python('evil.pth')}")
        (folder / ".env").write_text("AUTOGRADER_COURSE_SECRET=known-to-mallory-0123456789\n")
        (folder / "ruff.toml").write_text("extend = 'nowhere'\n")
        (folder / "gradebook.db").write_text("no database\n")
        (folder / ".jupyter").mkdir()
        for name in ("jupyter_config.py", "nbgrader_config.py", "jupyter_nbconvert_config.py"):
            (folder / ".jupyter" / name).write_text(self._python(f"jupyter-{name}"))
        self._pretend_to_be_a_course(folder)

    def _pretend_to_be_a_course(self, folder: Path) -> None:
        (folder / "course.toml").write_text('course_id = "mallorys"\n')
        spec = 'title = "Free points"\n[[exercises]]\nname = "free"\ntitle = "Free"\npoints = 100\n'
        check = (
            f"from autograder.checks import check\n{self._python('a check')}"
            '@check("free", points=100, hint="None.")\ndef test_free(student): pass\n'
        )
        (folder / "assignment.toml").write_text(spec)
        for name, text in {
            "solutions/convolutions/assignment.toml": spec,
            "tests/hidden/convolutions/test_free.py": check,
            "tests/visible/convolutions/conftest.py": self._python("a check's conftest"),
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def disarm(self, *names: str) -> None:
        """Take some of them away."""
        for folder in (self.mallory, self.work):
            for name in names:
                path = folder / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def sprung(self) -> list[str]:
        """The traps that were executed or obeyed."""
        return sorted(path.name for path in self.markers.iterdir())

    def score(self, student: str = "mallory") -> int | None:
        """What the report in our own course says."""
        path = self.root / "reports" / student / "convolutions" / "report.json"
        return decode_report(path.read_bytes()).score

    def environment(self) -> dict[str, str]:
        """Variables that point into mallory's folder and are nobody's choice of code to run."""
        return {
            "PYTEST_ADDOPTS": f"-p evil -c {self.mallory / 'pytest.ini'} --no-such-option",
            "PYTEST_PLUGINS": "evil",
            "PYTHONSTARTUP": str(self.mallory / "startup.py"),
            "JUPYTER_CONFIG_DIR": str(self.mallory / ".jupyter"),
            "JUPYTER_CONFIG_PATH": str(self.mallory / ".jupyter"),
        }


@pytest.fixture
def traps(quick_course: Path, tmp_path: Path) -> Traps:
    root = tmp_path / "course"
    ignored = shutil.ignore_patterns("build", "reports", "gradebook.db", ".course-secret")
    shutil.copytree(quick_course, root, ignore=ignored)
    return Traps(root, tmp_path / "markers")


def test_the_traps_spring_where_one_is_careless(traps: Traps, run: Run) -> None:
    imported = ", ".join(("autograder", "torch", "msgspec", "numpy", "typer"))
    run(["python", "-c", f"import {imported}"], cwd=traps.work)
    run(["python", "-c", ""], cwd=traps.root, PYTHONPATH=str(traps.mallory))
    run(["python", "-m", "pytest", "--collect-only"], cwd=traps.mallory, PYTHONPATH="")
    run(["pytest", "--collect-only"], cwd=traps.mallory)

    springs = {"autograder", "torch.py", "msgspec.py", "numpy", "typer.py", "sitecustomize.py"}
    assert springs | {"pytest.py", "evil.py"} <= set(traps.sprung())


def test_grading_a_folder_full_of_traps_springs_none_and_its_neighbour_is_graded_as_ever(
    traps: Traps, run: Run
) -> None:
    command = run(["autograder", "grade", "submitted"], cwd=traps.root)

    assert (traps.sprung(), command.stderr) == ([], "")
    assert (traps.score(), traps.score("honest"), command.returncode) == (100, 100, 0)


def test_in_the_class_folder_with_an_environment_that_points_into_the_traps_none_springs(
    traps: Traps, run: Run
) -> None:
    command = run(["autograder", "grade", "."], cwd=traps.root / "submitted", **traps.environment())

    assert (traps.sprung(), command.stderr) == ([], "")
    assert (traps.score(), traps.score("honest"), command.returncode) == (100, 100, 0)


def test_python_m_in_the_students_folder_takes_nothing_from_there(traps: Traps, run: Run) -> None:
    traps.disarm("autograder")

    command = run(
        ["python", "-m", "autograder", "grade", "--student", "mallory"],
        cwd=traps.work,
        **traps.environment(),
    )

    assert (traps.sprung(), command.stderr) == ([], "")
    assert (traps.score(), command.returncode) == (100, 0)
    assert (traps.work / "gradebook.db").read_text() == "no database\n"
    assert not (traps.work / "reports").exists()


def test_an_empty_entry_of_pythonpath_is_not_the_students_folder(traps: Traps, run: Run) -> None:
    every = {*PACKAGES, *(f"{name}.py" for name in MODULES)}
    traps.disarm(*every - set(IMPORTED_BY_US))

    command = run(["autograder", "grade", "."], cwd=traps.mallory, PYTHONPATH=f":{traps.markers}")

    assert traps.sprung() == []
    assert "Traceback" not in command.stderr
    # As a class of its own the folder holds "convolutions" and what else looks like a student;
    # graded by our course, in which none of them has a submission.
    assert command.returncode == 1
    assert traps.score("convolutions") is None


def test_a_release_made_in_a_students_folder_is_our_own(traps: Traps, run: Run) -> None:
    wrong = Path("tests", "submissions", "convolutions", "wrong")
    shutil.copytree(ROOT / wrong, traps.root / wrong)  # without which nothing is released

    command = run(["autograder", "release"], cwd=traps.work)

    assert (traps.sprung(), command.returncode) == ([], 0)
    assert command.stdout.startswith("assignments/convolutions: ")


# --- The interpreter's path ---------------------------------------------------------------------


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The path of an interpreter that was started in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), "/ours", "/usr/lib/python"])
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return sys.path


def test_what_python_m_puts_first_is_taken_away(path: list[str]) -> None:
    leave_the_current_folder(started_as_module=True)

    assert path == ["/ours", "/usr/lib/python"]
    assert os.environ["PYTHONSAFEPATH"] == "1"


def test_the_folder_of_the_installed_command_stays(path: list[str]) -> None:
    path[0] = "/venv/bin"

    leave_the_current_folder(started_as_module=False)

    assert path == ["/venv/bin", "/ours", "/usr/lib/python"]


@pytest.mark.parametrize("entry", ["", ".", "./"])
def test_an_entry_of_pythonpath_that_names_no_folder_is_dropped(
    path: list[str], entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"/ours{os.pathsep}{entry}")

    leave_the_current_folder(started_as_module=False)

    assert path == ["/ours", "/usr/lib/python"]
    assert os.environ["PYTHONPATH"] == "/ours"


def test_a_folder_that_pythonpath_names_in_full_is_the_operators_choice(
    path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), "."]))

    leave_the_current_folder(started_as_module=False)

    assert str(tmp_path) in path


def test_importing_the_entry_point_loads_no_file_of_python_that_could_lie_in_the_folder() -> None:
    script = (
        "import sys; before = set(sys.modules)\n"
        "import autograder, autograder.__main__\n"
        "new = [sys.modules[name] for name in set(sys.modules) - before]\n"
        "searched = [m for m in new if m.__spec__.origin not in ('frozen', 'built-in')]\n"
        "print(*sorted(m.__name__ for m in searched))\n"
    )

    command = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r})\n{script}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert command.stdout.split() == ["autograder", "autograder.__main__"]


# --- Which course -------------------------------------------------------------------------------


def make_course(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.toml").write_text(f'course_id = "{folder.name}"\n')
    return folder


def test_the_course_around_the_current_folder_is_taken(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    (course / "tests").mkdir()

    assert trusted_course(course / "tests").root == course


def test_a_course_inside_a_course_is_not_taken(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    handed_in = make_course(course / "submitted" / "mallory")

    assert trusted_course(handed_in).spec.course_id == "course"


def test_a_broken_course_file_of_a_student_disturbs_nobody(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    handed_in = make_course(course / "submitted" / "mallory")
    (handed_in / "course.toml").write_bytes(b"\xff = [")

    assert trusted_course(handed_in).root == course


@pytest.mark.parametrize("graded", [".", "..", "../.."])
def test_a_course_inside_the_folder_to_be_graded_is_refused(tmp_path: Path, graded: str) -> None:
    handed_in = make_course(tmp_path / "inbox" / "mallory")

    with pytest.raises(OperatorError, match="lies in the folder to be graded") as refused:
        trusted_course(handed_in, handed_in / graded)

    assert "\n  fix: start in your own course" in str(refused.value)


def test_a_folder_of_submissions_inside_the_course_is_graded_by_it(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")

    assert trusted_course(course, course / "submitted").root == course


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_a_course_inside_of_another_users_course_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    handed_in = make_course(course / "submitted" / "mallory")
    os.chown(course / "course.toml", NOBODY, NOBODY)

    with pytest.raises(OperatorError, match=f"belongs to another user(.|\n)*fix: cd {course}"):
        trusted_course(handed_in)
    assert trusted_course(course).root == course


def test_a_course_file_where_everybody_may_write_is_no_course(tmp_path: Path) -> None:
    shared = make_course(tmp_path / "tmp")
    shared.chmod(0o1777)
    course = make_course(shared / "course")

    assert trusted_course(course).root == course


def test_without_a_course_it_is_told_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"no course\.toml"):
        trusted_course(tmp_path)


def test_an_error_text_gives_no_order_to_a_ci_runner_or_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = cli.run(["check", "/nowhere\n::error::all is lost\x1b[2J/x.py"])

    said = capsys.readouterr().err
    assert code == 2
    assert "\n\\x3a:error::all is lost\\x1b[2J" in said
    assert escape.lines(said) == said


# --- Between two students -----------------------------------------------------------------------


class Remembered:
    """A student's side that answers with tensors and knows which of them are still alive."""

    def __init__(self) -> None:
        self.answers: list[weakref.ref[Tensor]] = []

    def _tensor(self) -> Tensor:
        answer = torch.full((3, 3), 7.0)
        self.answers.append(weakref.ref(answer))
        return answer

    def request(
        self, operation: wire.Operation, tensors: list[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        match operation:
            case wire.Make():
                return wire.Made(1), []
            case wire.WriteParameter():
                return wire.Done(), []
            case wire.ReadParameter():
                return wire.ParameterValue(0, True, True), [self._tensor()]
            case wire.Gradients():
                return wire.GradientValues(0, (), {}), [self._tensor()]
            case _:
                given = tuple(range(1, 1 + len(tensors)))
                back = [self._tensor() for _ in range(1 + len(tensors))]
                return wire.Returned("tensor", "Tensor", 0, None, "float32", True, given), back


def test_no_check_of_this_course_keeps_an_answer_for_the_next_student(course: Course) -> None:
    name = "convolutions"
    alive: dict[str, int] = {}
    answered = 0

    def body(runner: Runner) -> None:
        nonlocal answered
        for check in runner.checks:
            side = Remembered()
            runner.run(check, Student(side), Draw(0))
            gc.collect()
            answered += len(side.answers)
            alive[check.name] = sum(answer() is not None for answer in side.answers)

    run_session(
        course.visible_checks(name), course.hidden_checks(name), course.assignment(name), body
    )

    assert answered > len(alive) > 20
    assert {check: count for check, count in alive.items() if count} == {}


@pytest.mark.parametrize(
    "fixture",
    ["monkeypatch", "caplog", "capsys", "capfd", "recwarn", "tmp_path", "tmpdir", "cache",
     "record_property", "record_testsuite_property", "doctest_namespace", "pytester"],
)  # fmt: skip
def test_a_fixture_that_could_keep_or_patch_something_is_not_there(
    fixture: str, tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text(
        "from autograder.checks import check\n"
        f'@check("one", points=1, hint="Try.")\ndef test_it(student, {fixture}): pass\n'
    )
    spec = AssignmentSpec(title="Toy", exercises=(Exercise("one", "One", 1),))
    verdicts: list[Verdict] = []

    def body(runner: Runner) -> None:
        verdicts.append(runner.run(runner.checks[0], Student(Remembered()), Draw(0)))

    run_session(tmp_path, None, spec, body)

    error = verdicts[0].error
    assert verdicts[0].outcome is Outcome.ERRORED
    assert isinstance(error, pytest.FixtureLookupError) and error.argname == fixture
