"""What Classroom 50 runs, with a command in the place of `autograder check`."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.outputs.exports.classroom50_bundle import classroom50_bundle
from autograder.outputs.exports.classroom50_entry import main
from autograder.spec import find_course
from tests.autograder.conftest import ROOT
from tests.autograder.outputs.made_exports import HOSTILE, decoded, validate

A = "convolutions"
ENVIRONMENT = {
    "CLASSROOM": "c1",
    "ASSIGNMENT": A,
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/20261001T120000Z-0000000",
    "COMMIT_URL": "https://github.com/org/c1-convolutions-ada/commit/0",
    "RELEASE_URL": "https://github.com/org/c1-convolutions-ada/releases/tag/x",
    "REVIEW_URL": "https://github.com/org/c1-convolutions-ada/compare/0...1",
}
PRACTISED = {
    "assignment": A,
    "title": "Convolutions for Images",
    "points": 6,
    "max_points": 10,
    "all_points": 100,
    "exercises": [
        {
            "name": "corr2d-exact",
            "points": 6,
            "max_points": 10,
            "checks": [
                {"title": "One", "passed": True, "points": 6, "max_points": 6, "message": "",
                 "hint": ""},
                {"title": HOSTILE.replace("\ud800", ""), "passed": False, "points": 0,
                 "max_points": 4, "message": HOSTILE.replace("\ud800", ""), "hint": "look again"},
            ],
        }
    ],
    "problems": ["line 3 did not run"],
    "hidden_checks": {"count": 36, "points": 90},
    "isolated_by": "bubblewrap",
}  # fmt: skip
# Notes its arguments and what it was given, writes what it is told to, and ends as it is told to.
COMMAND = """
import json, pathlib, sys
here = pathlib.Path({here!r})
arguments = sys.argv[1:]
folder = pathlib.Path(arguments[-1])
(here / "seen.json").write_text(json.dumps([arguments, str(pathlib.Path.cwd()), {{
    path.name: path.read_text() for path in folder.iterdir() if path.is_file()}}]))
if {code} == 0:
    pathlib.Path(arguments[3]).write_text((here / "practised.json").read_text())
print("::error::from the student")
raise SystemExit({code})
"""


class Classroom:
    """A checkout, the bundle beside it, and a command line that says what it is told to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checkout, self.bundle = root / "checkout", root / "bundle"
        self.checkout.mkdir()
        (self.checkout / f"{A}.py").write_text("# the student's\n")
        (self.checkout / "test_visible.py").write_text("# changed by the student\n")
        (self.bundle / A).mkdir(parents=True)
        for name in ("test_visible.py", "conftest.py", f"{A}.ipynb", f"{A}.py"):
            (self.bundle / A / name).write_text("# handed out\n")

    def run(self, practised: object = PRACTISED, code: int = 0) -> int:
        (self.root / "practised.json").write_text(json.dumps(practised))
        script = self.root / "command.py"
        script.write_text(COMMAND.format(here=str(self.root), code=code))
        return main(self.checkout, self.bundle, [sys.executable, str(script)])

    def result(self) -> dict:  # type: ignore[type-arg]
        result = json.loads((self.checkout / "result.json").read_text())
        validate(result, "classroom50-result-v1")
        return result

    def seen(self) -> tuple[list[str], str, dict[str, str]]:
        arguments, cwd, files = json.loads((self.root / "seen.json").read_text())
        return arguments, cwd, files


@pytest.fixture
def classroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Classroom:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Classroom(tmp_path)


def test_the_result_is_of_the_schema_and_has_the_visible_points_alone(classroom):
    assert classroom.run() == 0

    result = classroom.result()
    assert (result["score"], result["max-score"], result["owner"]) == (6, 10, "ada")
    assert all("(practice)" in test["test-name"] for test in result["tests"])


def test_the_release_says_that_it_is_practice_and_how_much_was_not_run(classroom):
    classroom.run()

    text = (classroom.checkout / "release-body.md").read_text()
    assert text.startswith("### Practice: 6 of the 10 points shown here\n")
    assert "36 hidden checks, worth 90 of 100 points, were not run" in text
    assert "<b>" not in text.replace("\\<", "") and "@all" not in text and "look again" in text


def test_what_a_student_says_calls_nobody_in_the_release(classroom):
    exercise = PRACTISED["exercises"][0]
    failed = {**exercise["checks"][1], "message": "@team #7 0123456789abcdef https://x.y"}
    exercises = [{**exercise, "checks": [failed]}]

    classroom.run({**PRACTISED, "exercises": exercises, "problems": ["see @ada, GH-7"]})

    shown = html.unescape((classroom.checkout / "release-body.md").read_text()).replace("\\", "")
    assert not re.search(r"@\w|#\d|GH-\d|[0-9a-f]{7}|://", shown)


def test_however_much_is_said_github_takes_the_release(classroom):
    exercise = PRACTISED["exercises"][0]
    exercises = [
        {**exercise, "checks": [{**one, "passed": False, "message": "<" * 8192}]}
        for one in exercise["checks"] * 6
    ]

    classroom.run({**PRACTISED, "exercises": exercises, "problems": ["@" * 8192] * 256})

    text = (classroom.checkout / "release-body.md").read_text()
    assert len(text) < 125_000 and "and 246 more" in text


def test_failed_checks_are_no_error(classroom):
    assert classroom.run({**PRACTISED, "points": 0}) == 0
    assert classroom.result()["score"] == 0


def test_the_students_files_meet_the_checks_that_were_handed_out(classroom):
    classroom.run()

    arguments, cwd, files = classroom.seen()
    assert arguments[:3] == ["check", "--sandbox", "--json"]
    assert files[f"{A}.py"] == "# the student's\n"
    assert files["test_visible.py"] == "# handed out\n"
    assert not Path(cwd).is_relative_to(classroom.checkout)


def test_without_a_bundle_the_checkout_itself_is_practised_on(classroom):
    (classroom.bundle / A / "test_visible.py").unlink()

    assert classroom.run() == 0

    assert classroom.seen()[0][-1] == str(classroom.checkout)


def test_a_link_is_not_followed(classroom):
    (classroom.checkout / f"{A}.py").unlink()
    (classroom.checkout / f"{A}.py").symlink_to("/etc/passwd")

    classroom.run()

    assert classroom.seen()[2][f"{A}.py"] == "# handed out\n"


def test_a_folder_in_the_place_of_one_file_does_not_hide_the_other(classroom):
    (classroom.checkout / f"{A}.ipynb").mkdir()

    assert classroom.run() == 0

    assert classroom.seen()[2][f"{A}.py"] == "# the student's\n"


@pytest.mark.parametrize("code", [1, 2, 3, 139])
def test_what_could_not_be_graded_is_no_result_and_no_zero(classroom, code, capsys):
    (classroom.checkout / "result.json").write_text('{"score": 100}')

    assert classroom.run(code=code) == 1

    assert not (classroom.checkout / "result.json").exists()
    assert "no zero" in (said := capsys.readouterr().err) and "\n::" not in said


@pytest.mark.parametrize(
    "practised",
    [
        {},
        [],
        {**PRACTISED, "isolated_by": None},
        {**PRACTISED, "points": 11},
        {**PRACTISED, "exercises": [{"name": "x", "checks": [{"title": "t", "passed": None}]}]},
    ],
)
def test_what_the_check_says_is_not_taken_unless_it_is_whole(classroom, practised):
    assert classroom.run(practised) == 1
    assert not (classroom.checkout / "result.json").exists()


def test_without_who_it_is_there_is_no_result(classroom, monkeypatch):
    monkeypatch.delenv("OWNER")

    assert classroom.run() == 1


@pytest.mark.parametrize("name", ["result.json", "release-body.md"])
def test_what_a_student_put_in_the_place_of_a_result_is_removed(classroom, name):
    other = classroom.root / "other"
    other.write_text("kept")
    (classroom.checkout / name).symlink_to(other)

    classroom.run()

    assert other.read_text() == "kept"
    assert not (classroom.checkout / name).is_symlink()


def test_a_folder_in_the_place_of_the_result_is_removed(classroom):
    (classroom.checkout / "result.json").mkdir()
    (classroom.checkout / "result.json" / "x").touch()

    assert classroom.run() == 0


def test_under_its_name_in_the_bundle_it_still_finds_the_installed_checker(classroom):
    (classroom.bundle / "autograder.py").write_bytes(
        classroom50_bundle(find_course(ROOT), A, A).files["autograder.py"]
    )
    installed = classroom.root / "installed" / "autograder"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    shutil.copy(ROOT / "autograder" / "escape.py", installed)
    (installed / "__main__.py").write_text(COMMAND.format(here=str(classroom.root), code=0))
    (classroom.root / "practised.json").write_text(json.dumps(PRACTISED))
    (classroom.checkout / "autograder").mkdir()
    (classroom.checkout / "autograder" / "__init__.py").write_text("raise SystemExit(9)")

    done = subprocess.run(
        [sys.executable, classroom.bundle / "autograder.py"],
        cwd=classroom.checkout,
        env={**os.environ, "PYTHONPATH": str(installed.parent)},
        text=True,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert classroom.result()["score"] == 6
    assert done.stdout == "practice: 6 of the 10 points shown here\n"


def test_the_bundle_holds_what_students_have_and_the_entry():
    made = classroom50_bundle(find_course(ROOT), A, "hw1")

    assert set(made.files) == {
        "autograder.py",
        *(f"hw1/{name}" for name in ("README.md", "conftest.py", "test_visible.py")),
        *(f"hw1/{A}.{kind}" for kind in ("ipynb", "py")),
    }
    assert all(
        data == (ROOT / "assignments" / A / name.partition("/")[2]).read_bytes()
        for name, data in made.files.items()
        if name != "autograder.py"
    )
    assert decoded(made, f"hw1/{A}.ipynb")["nbformat"] == 4
