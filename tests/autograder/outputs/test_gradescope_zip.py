"""The zip for Gradescope, unpacked and run as Gradescope does, but for its setup."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from autograder.errors import OperatorError
from autograder.outputs.exports.gradescope_zip import gradescope_zip
from autograder.spec import find_course
from tests.autograder.conftest import ROOT
from tests.autograder.outputs.made_exports import validate

A = "convolutions"
SECRET = b"0123456789abcdef0123456789abcdef"
EXAMPLES = ROOT / "examples" / "submitted"
# Leaves a result in the folder that it is told, the last argument, whatever it ends with.
FAKE = """#!/bin/sh
echo ran "$@"
for output in "$@"; do :; done
mkdir -p "$output/exports/gradescope/submission"
echo '%s' > "$output/exports/gradescope/submission/%s"
exit %d
"""
RESULT = '{"score": 5, "output": "", "stdout_visibility": "hidden", "tests": []}'


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    made = gradescope_zip(find_course(ROOT), A, SECRET)
    return zipfile.ZipFile(io.BytesIO(made.files[f"{A}-gradescope.zip"]))


class Container:
    """Gradescope's folders, in a folder of the test's."""

    def __init__(self, root: Path, archive: zipfile.ZipFile) -> None:
        self.root = root
        (root / "submission").mkdir()
        archive.extractall(root / "source")
        (root / "source/course/.course-secret").chmod(0o600)  # what setup.sh does

    def submit(self, *files: Path) -> None:
        for file in files:
            shutil.copy(file, self.root / "submission")

    def run(self, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root / "source/course")}
        return subprocess.run(
            [sys.executable, self.root / "source/run_autograder", self.root, python],
            cwd=self.root,
            env=environment,
            text=True,
            capture_output=True,
            check=True,
        )

    def results(self) -> dict:  # type: ignore[type-arg]
        result = msgspec.json.decode((self.root / "results/results.json").read_bytes())
        validate(result, "gradescope-results")
        return result


@pytest.fixture
def container(tmp_path: Path, archive: zipfile.ZipFile) -> Container:
    return Container(tmp_path, archive)


def fake_python(container: Container, code: int, name: str = "results.json") -> str:
    path = container.root / "python"
    path.write_text(FAKE % (RESULT, name, code))
    path.chmod(0o755)
    return str(path)


def test_only_what_grading_needs_is_in_the_zip(archive):
    names = archive.namelist()

    places = {"/".join(name.split("/")[:3]) for name in names if name.startswith("course/")}
    assert not [name for name in names if "__pycache__" in name or "/submissions/" in name]
    assert f"course/solutions/{A}/{A}.py" not in names  # the solution is not needed
    assert {"setup.sh", "run_autograder", "course/.course-secret"} <= set(names)
    assert {name.split("/")[1] for name in places} == {
        ".course-secret", "assignments", "autograder", "constraints.txt", "course.toml",
        "pyproject.toml", "solutions", "tests",
    }  # fmt: skip


def test_the_scripts_can_be_run_and_the_secret_be_read_by_its_owner_alone(archive):
    modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()}

    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["course/.course-secret"] == 0o600


def test_the_same_course_makes_the_same_zip():
    course = find_course(ROOT)

    assert gradescope_zip(course, A, SECRET).files == gradescope_zip(course, A, SECRET).files


def test_a_link_goes_into_no_zip(tmp_path, quick_course):
    shutil.copytree(quick_course, tmp_path / "c", ignore=shutil.ignore_patterns("build"))
    (tmp_path / "c/tests/hidden" / A / "more.py").symlink_to("/etc/passwd")

    with pytest.raises(OperatorError, match=r"more\.py"):
        gradescope_zip(find_course(tmp_path / "c"), A, SECRET)


def test_the_setup_is_a_script_that_bash_reads(container):
    subprocess.run(["bash", "-n", container.root / "source/setup.sh"], check=True)


def test_a_wrong_submission_gets_its_points_under_its_students_number(container):
    container.submit(EXAMPLES / "goran" / A / f"{A}.py")
    (container.root / "submission_metadata.json").write_text('{"users": [{"id": 77}]}')

    said = container.run()

    result = container.results()
    assert result["score"] == 76, said.stdout
    assert len(result["tests"]) > 20 and "gradescope-77" in said.stdout


def test_a_right_submission_gets_all_points_and_writes_no_results_itself(container):
    path = container.root / "results" / "results.json"
    right = (EXAMPLES / "emil" / A / f"{A}.py").read_text()
    (container.root / "submission" / f"{A}.py").write_text(
        f"open({str(path)!r}, 'w').write('{{\"score\": 1000}}')\n{right}"
    )

    container.run()

    assert container.results()["score"] == 100
    assert "1000" not in path.read_text()


def test_a_submission_that_cannot_be_read_has_no_score(container):
    (container.root / "submission" / f"{A}.ipynb").write_text("{")

    container.run()

    assert "score" not in container.results()


def test_without_a_sandbox_there_is_no_score_and_the_instructor_is_told(container):
    container.submit(EXAMPLES / "emil" / A / f"{A}.py")

    container.run(fake_python(container, 3))

    result = container.results()
    assert "score" not in result and "exit code 3" in result["output"]


@pytest.mark.parametrize(
    ("code", "name"), [(0, "other"), (1, "other"), (2, "results.json"), (137, "results.json")]
)
def test_a_grader_that_does_not_do_its_work_is_no_zero(container, code, name):
    container.submit(EXAMPLES / "emil" / A / f"{A}.py")

    container.run(fake_python(container, code, name))

    assert "score" not in container.results()


@pytest.mark.parametrize("code", [0, 1])
def test_what_the_grader_comes_to_is_the_result(container, code):
    container.submit(EXAMPLES / "emil" / A / f"{A}.py")

    container.run(fake_python(container, code))

    assert container.results()["score"] == 5


def test_a_python_that_is_not_there_is_no_zero(container):
    container.submit(EXAMPLES / "emil" / A / f"{A}.py")

    container.run("/nowhere/python")

    assert "score" not in container.results()


def test_a_file_of_another_name_is_told_to_the_student(container):
    (container.root / "submission" / "homework.py").write_text("pass\n")

    container.run(fake_python(container, 0))

    assert f"no file called {A}.ipynb or {A}.py" in container.results()["output"]


def test_a_link_in_a_submission_is_not_followed(container):
    (container.root / "submission" / f"{A}.py").symlink_to(
        container.root / "source/course/.course-secret"
    )

    said = container.run(fake_python(container, 0))

    assert "ran" not in said.stdout and "no file called" in container.results()["output"]


def test_a_folder_in_the_place_of_one_file_does_not_hide_the_other(container):
    (container.root / "submission" / f"{A}.py").write_text("pass\n")
    (container.root / "submission" / f"{A}.ipynb").mkdir()

    container.run(fake_python(container, 0))

    assert container.results()["score"] == 5


def test_results_that_are_there_already_are_replaced_and_not_written_through(container):
    other = container.root / "other"
    other.write_text("kept")
    (container.root / "results").mkdir()
    (container.root / "results" / "results.json").symlink_to(other)

    container.run(fake_python(container, 3))

    assert other.read_text() == "kept"
    assert not (container.root / "results" / "results.json").is_symlink()
    assert (container.root / "results").stat().st_mode & 0o777 == 0o700
