"""The key of a result: what it takes in, and that making it loads neither torch nor pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.grading import key
from autograder.grading.key import result_key, setup_key
from autograder.spec import AssignmentSpec, Course, CourseSpec, Exercise, LatePolicy, Limits
from autograder.submission import Form, Submission
from autograder.submission.forms import Cell

SPEC = AssignmentSpec(title="Toy", name="toy", exercises=(Exercise("one", "The one", 10),))
SECRET = b"a secret of this course"
FORM = Form("toy.py", "a" * 64, (Cell("x = 1\n", "toy.py", 1),), "toy")
HANDED_IN = Submission("ada", (FORM,))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for folder in ("visible", "hidden"):
        (tmp_path / "tests" / folder / "toy").mkdir(parents=True)
        (tmp_path / "tests" / folder / "toy" / f"test_{folder}.py").write_text("x = 1\n")
    return Course(tmp_path, CourseSpec(course_id="toy"))


def test_the_same_makes_the_same_key(course: Course) -> None:
    first, second = (setup_key(course, SPEC, SECRET) for _time in range(2))

    assert first == second and len(first) == 64
    assert result_key(first, HANDED_IN) == result_key(second, HANDED_IN)


@pytest.mark.parametrize("file", ["visible/toy/test_visible.py", "hidden/toy/test_hidden.py"])
def test_a_check_of_either_kind_is_in_the_key(file: str, course: Course) -> None:
    before = setup_key(course, SPEC, SECRET)
    (course.root / "tests" / file).write_text("x = 2\n")

    assert setup_key(course, SPEC, SECRET) != before


def test_a_new_file_beside_the_checks_is_in_the_key_since_they_may_import_it(
    course: Course,
) -> None:
    before = setup_key(course, SPEC, SECRET)
    (course.hidden_checks("toy") / "drawn.py").write_text("")

    assert setup_key(course, SPEC, SECRET) != before


@pytest.mark.parametrize(
    "spec",
    [
        msgspec.structs.replace(SPEC, limits=Limits(memory_mib=7)),
        msgspec.structs.replace(SPEC, layers=("Conv2d",)),
        msgspec.structs.replace(SPEC, void=("test_x",)),
        msgspec.structs.replace(SPEC, exercises=(Exercise("one", "The one", 11),)),
        msgspec.structs.replace(SPEC, exercises=(Exercise("won", "The one", 10),)),
    ],
)
def test_what_assignment_toml_says_is_in_the_key(spec: AssignmentSpec, course: Course) -> None:
    assert setup_key(course, spec, SECRET) != setup_key(course, SPEC, SECRET)


def test_a_late_policy_is_not_in_the_key(course: Course) -> None:
    late = msgspec.structs.replace(SPEC, late=LatePolicy(percent_per_started_day=10))

    assert setup_key(course, late, SECRET) == setup_key(course, SPEC, SECRET)


def test_titles_are_not_in_the_key_since_no_report_holds_them(course: Course) -> None:
    other = msgspec.structs.replace(
        SPEC, title="Toys", exercises=(Exercise("one", "The first", 10),)
    )

    assert setup_key(course, other, SECRET) == setup_key(course, SPEC, SECRET)


@pytest.mark.parametrize("package", ["torch", "numpy", "ipython", "pytest"])
def test_the_versions_of_what_computes_and_judges_are_in_the_key(
    package: str, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, version = setup_key(course, SPEC, SECRET), key._version
    monkeypatch.setattr(key, "_version", lambda name: "0" if name == package else version(name))

    assert setup_key(course, SPEC, SECRET) != before


def test_the_engines_modules_that_grade_are_in_the_key_and_those_that_show_are_not(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "engine"
    for name in ("grading", "outputs"):
        (engine / name).mkdir(parents=True)
    monkeypatch.setattr(key, "_ENGINE", engine)

    def key_with(file: str) -> str:
        (engine / file).write_text("x = 2\n")
        key._engine_sha256.cache_clear()
        return setup_key(course, SPEC, SECRET)

    key._engine_sha256.cache_clear()
    try:
        before = setup_key(course, SPEC, SECRET)
        shown = key_with("outputs/table.py")
        graded = key_with("grading/grade.py")
    finally:
        key._engine_sha256.cache_clear()

    assert shown == before
    assert graded != before


def test_another_secret_makes_another_key_which_does_not_tell_it(course: Course) -> None:
    one, other = setup_key(course, SPEC, SECRET), setup_key(course, SPEC, b"another secret")

    assert one != other
    assert SECRET.hex() not in one


def test_two_parts_that_are_one_when_put_together_make_two_keys(course: Course) -> None:
    folder = course.hidden_checks("toy")
    (folder / "test_hidden.py").write_text("ab")
    (folder / "test_z.py").write_text("c")
    before = setup_key(course, SPEC, SECRET)
    (folder / "test_hidden.py").write_text("a")
    (folder / "test_z.py").write_text("bc")

    assert setup_key(course, SPEC, SECRET) != before


OTHER_CELL = (Cell("x = 1  # why\n", "toy.py", 1),)


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(HANDED_IN, student="bo"),
        msgspec.structs.replace(HANDED_IN, forms=()),
        msgspec.structs.replace(HANDED_IN, forms=(FORM, FORM)),
        msgspec.structs.replace(
            HANDED_IN, forms=(msgspec.structs.replace(FORM, cells=OTHER_CELL),)
        ),
        msgspec.structs.replace(
            HANDED_IN, forms=(msgspec.structs.replace(FORM, module="__main__"),)
        ),
    ],
)
def test_the_student_and_every_byte_that_runs_are_in_the_key(other: Submission) -> None:
    assert result_key("00", other) != result_key("00", HANDED_IN)


def test_bytes_of_a_file_that_do_not_run_are_not_in_the_key() -> None:
    form = msgspec.structs.replace(FORM, sha256="b" * 64)

    other = msgspec.structs.replace(HANDED_IN, forms=(form,))

    assert result_key("00", other) == result_key("00", HANDED_IN)


LOADS = """
import sys
import {module}
print(*[name for name in ("torch", "pytest", "numpy") if name in sys.modules])
"""


@pytest.mark.parametrize(
    "module",
    ["autograder.grading.key", "autograder.grading.course", "autograder.grading.workers",
     "autograder.gradebook.graded", "autograder.outputs.terminal"],
)  # fmt: skip
def test_what_an_unchanged_class_needs_loads_neither_torch_nor_pytest(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOADS.format(module=module)],
        text=True,
        capture_output=True,
        check=True,
    )

    assert done.stdout.strip() == ""
