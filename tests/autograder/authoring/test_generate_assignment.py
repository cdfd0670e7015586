"""nbgrader's own generate_assignment, run as instructors run it, on a copy of this course."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.authoring.release import build_release
from autograder.spec import Course, find_course

REPOSITORY = find_course(Path(__file__).parent).root
ASSIGNMENT = "convolutions"
# What a clone holds and git does not ignore, as far as nbgrader has to do with it.
CLONED = ("course.toml", "nbgrader_config.py", "solutions", "tests/visible", "tests/hidden")


@pytest.fixture(scope="module")
def generated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of the course, in which nbgrader has generated the assignment once."""
    root = tmp_path_factory.mktemp("a clone")  # with a space, as people's folders have
    for name in CLONED:
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).is_dir():
            junk = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(REPOSITORY / name, target, ignore=junk)
        else:
            shutil.copy(REPOSITORY / name, target)
    (root / "home").mkdir()
    assert run_nbgrader(root, "generate_assignment", ASSIGNMENT).returncode == 0
    return root


@pytest.fixture
def course(generated_once: Path, tmp_path: Path) -> Course:
    """The same for one test, which may break it; times of files are kept."""
    return find_course(shutil.copytree(generated_once, tmp_path / "course folder"))


def run_nbgrader(
    root: Path, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return run_python(root, "-m", "nbgrader", *arguments, cwd=cwd)


def run_python(
    root: Path, *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Python's run in ``root`` with nothing of this machine's Jupyter settings."""
    environment = {
        "HOME": str(root / "home"),
        "JUPYTER_CONFIG_DIR": str(root / "home" / "config"),
        "JUPYTER_DATA_DIR": str(root / "home" / "data"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # for alembic
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or root, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def generated(course: Course) -> dict[str, bytes]:
    """Every file in nbgrader's release folder, by its path from there."""
    folder = course.root / "build" / "nbgrader" / "release"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def expected(course: Course) -> dict[str, bytes]:
    return {
        f"{ASSIGNMENT}/{name}": data for name, data in build_release(course, ASSIGNMENT).items()
    }


def test_from_a_clean_clone_it_leaves_the_released_files_byte_for_byte_and_no_other(course):
    committed = {
        f"{ASSIGNMENT}/{path.name}": path.read_bytes()
        for path in (REPOSITORY / "assignments" / ASSIGNMENT).iterdir()
        if path.is_file()
    }

    assert generated(course) == committed
    assert not (course.root / "source").exists()
    assert not (course.root / "release").exists()


def test_a_second_time_without_force_it_changes_nothing(course):
    before = generated(course)

    again = run_nbgrader(course.root, "generate_assignment", ASSIGNMENT)

    assert again.returncode == 0
    assert "Skipping existing assignment" in again.stderr
    assert generated(course) == before


def test_with_force_and_from_another_folder_of_the_course_it_leaves_the_same_files(course):
    before = generated(course)
    leftover = course.root / "build/nbgrader/release" / ASSIGNMENT / "left.txt"
    leftover.write_text("to be wiped\n")

    again = run_nbgrader(
        course.root, "generate_assignment", ASSIGNMENT, "--force", f"--course-dir={course.root}",
        cwd=course.root / "solutions",
    )  # fmt: skip

    assert again.returncode == 0, again.stderr
    assert generated(course) == before


def test_formgraders_button_leaves_the_same_files(course):
    before = generated(course)
    button = """
from nbgrader.apps import NbGrader, NbGraderAPI
app = NbGrader()
app.initialize([])
app.load_config_file()  # formgrader loads it again for each request
result = NbGraderAPI(app.coursedir, parent=app).generate_assignment("convolutions", force=True)
assert result["success"], result
"""

    pressed = run_python(course.root, "-c", button)

    assert pressed.returncode == 0, pressed.stderr
    assert generated(course) == before


def test_an_edited_source_is_built_again_before_it_is_released(course):
    edit(course.source(ASSIGNMENT), "# Convolutions for images", "# Convolutions for pictures")

    again = run_nbgrader(course.root, "generate_assignment", ASSIGNMENT, "--force")

    assert again.returncode == 0, again.stderr
    assert b"Convolutions for pictures" in generated(course)[f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb"]
    assert generated(course) == expected(course)


def test_a_file_beside_the_derived_source_is_refused_and_nothing_is_released(course):
    stray = course.root / "build/nbgrader/source" / ASSIGNMENT / "answers.txt"
    stray.write_text("staff only\n")

    refused = run_nbgrader(course.root, "generate_assignment", ASSIGNMENT, "--force")

    assert refused.returncode == 1
    assert "answers.txt: it is not on the list of what students get" in refused.stderr
    assert generated(course) == {}


def test_a_derived_source_that_was_edited_by_hand_is_refused_and_nothing_is_released(course):
    built = course.root / "build/nbgrader/source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    edit(built, "Convolutions for", "Notes on convolutions for")

    refused = run_nbgrader(course.root, "generate_assignment", ASSIGNMENT, "--force")

    assert refused.returncode == 1
    assert "it is not the notebook that" in refused.stderr
    assert generated(course) == {}


def test_a_broken_source_is_reported_and_breaks_no_other_command(course):
    edit(course.source(ASSIGNMENT), '"points": 25', '"points": 24')

    exported = run_nbgrader(course.root, "export", "--to=grades.csv")

    assert exported.returncode == 0, exported.stderr
    assert "has 24 points, assignment.toml 25" in exported.stderr
    assert (course.root / "grades.csv").is_file()


def test_loading_the_configuration_is_light_when_everything_is_up_to_date(course):
    load = """
import sys
from pathlib import Path
from traitlets.config.loader import PyFileConfigLoader
config = PyFileConfigLoader("nbgrader_config.py", ".").load_config()
assert config.CourseDirectory.course_id == "convolutions-for-images"
assert Path(config.CourseDirectory.root) == Path.cwd()
print(sorted({"torch", "jupytext", "autograder.authoring.release"} & set(sys.modules)))
"""
    loaded = run_python(course.root, "-c", load)

    assert loaded.stdout.strip() == "[]", loaded.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    time.sleep(0.01)  # later than the last build, also on a coarse clock
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("listed", [True, False])
def test_an_assignment_that_is_not_ours_is_released_where_it_is_listed_alone(course, listed):
    source = course.root / "build/nbgrader/source/warm-up/warm-up.ipynb"
    source.parent.mkdir()
    source.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    names = ["warm-up"] if listed else []
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.AddReleasedFiles.others = {names}\n")

    done = run_nbgrader(course.root, "generate_assignment", "warm-up")

    assert (done.returncode == 0) is listed
    assert (course.root / "build/nbgrader/release/warm-up/warm-up.ipynb").is_file() is listed
