from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.autograder.conftest import ROOT, Run

EXAMPLES = ROOT / "examples" / "submitted"
# A student's environment has none of these.
STAFF_PACKAGES = ("nbgrader", "jupytext", "nbconvert", "nbformat", "sqlalchemy", "tqdm")


def hand_in(folder: Path, student: str) -> None:
    for file in (EXAMPLES / student / "convolutions").iterdir():
        shutil.copy(file, folder)


def test_a_right_script_has_every_point_that_can_be_shown(folder: Path, run: Run) -> None:
    hand_in(folder, "emil")

    command = run(["autograder", "check"], cwd=folder)

    assert command.returncode == 0
    assert "40 points; at most 40 of 100 shown here" in command.stdout
    assert "✗" not in command.stdout


def test_a_right_notebook_is_found_beside_an_untouched_script(folder: Path, run: Run) -> None:
    hand_in(folder, "ada")

    command = run(["autograder", "check"], cwd=folder)

    assert "convolutions.ipynb" in command.stdout.splitlines()[0]
    assert "40 points" in command.stdout


def test_the_untouched_stub_earns_nothing_and_is_told_what_to_write(folder: Path, run: Run) -> None:
    command = run(["autograder", "check"], cwd=folder)

    assert command.returncode == 0
    assert "0 points" in command.stdout
    assert "corr2d is still to be written" in command.stdout


def test_the_first_failure_comes_first_with_both_sides_and_the_hint(folder: Path, run: Run) -> None:
    hand_in(folder, "fatima")

    said = run(["autograder", "check"], cwd=folder).stdout
    head = said[: said.index("corr2d-exact")]

    assert head.count("✗") == 1
    assert "expected (2 × 2)   yours (2 × 2)" in head
    assert " 19  25              5* 11*" in head
    assert "hint: " in head


def test_a_further_hint_is_given_when_it_is_asked_for(folder: Path, run: Run) -> None:
    hand_in(folder, "fatima")

    said = run(["autograder", "check", "--hint"], cwd=folder).stdout

    assert said.count("hint: ") == 3  # two of them, and how to have another


def test_signs_that_an_encoding_lacks_are_written_in_others(folder: Path, run: Run) -> None:
    hand_in(folder, "fatima")

    command = run(["autograder", "check"], cwd=folder, PYTHONIOENCODING="ascii")

    assert command.returncode == 0
    assert "x The worked example" in command.stdout
    assert "    + The losses" in command.stdout
    assert "yours - expected (2 x 2)" in command.stdout


def test_hidden_checks_are_said_to_be_elsewhere(folder: Path, run: Run) -> None:
    said = run(["autograder", "check"], cwd=folder).stdout

    assert "hidden checks are not run here" in said
    assert "without isolation" in said


def test_a_syntax_error_is_shown_with_its_line_and_the_rest_is_checked(
    folder: Path, run: Run
) -> None:
    hand_in(folder, "jin")

    said = run(["autograder", "check"], cwd=folder).stdout

    assert "convolutions.py:152: SyntaxError" in said
    assert "12 of 12 shown here" in said


def test_a_named_file_is_checked(folder: Path, run: Run, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "emil" / "convolutions" / "convolutions.py", folder / "mine.py")

    command = run(["autograder", "check", str(folder / "mine.py")], cwd=tmp_path)

    assert "mine.py" in command.stdout.splitlines()[0]
    assert "40 points" in command.stdout


def test_of_two_changed_forms_check_names_the_one_it_does_not_run(folder: Path, run: Run) -> None:
    hand_in(folder, "emil")
    hand_in(folder, "fatima")

    said = run(["autograder", "check"], cwd=folder).stdout.splitlines()

    assert "convolutions.ipynb" in said[0]
    assert said[1].startswith("convolutions.py is there as well; this is convolutions.ipynb")


def test_plain_pytest_in_the_released_folder_tells_the_same(folder: Path, run: Run) -> None:
    hand_in(folder, "fatima")

    command = run(["pytest", "-p", "no:cacheprovider"], cwd=folder)

    assert command.returncode == 1
    assert "[19 25]    [ 5 11]" in command.stdout
    assert "hint: " in command.stdout
    assert "at most 40 of 100 points shown here" in command.stdout
    assert "hidden checks are not run here" in command.stdout
    assert "autograder/checks" not in command.stdout


def test_plain_pytest_passes_on_a_right_answer_that_prints(folder: Path, run: Run) -> None:
    hand_in(folder, "bo")

    command = run(["pytest", "-p", "no:cacheprovider"], cwd=folder)

    assert command.returncode == 0, command.stdout


def test_the_student_needs_none_of_the_graders_packages(folder: Path, run: Run) -> None:
    hand_in(folder, "emil")
    script = (
        "import sys\n"
        f"for name in {STAFF_PACKAGES!r}: sys.modules[name] = None\n"
        "from autograder.__main__ import main\n"
        "sys.argv = ['autograder', 'check']\n"
        "main()\n"
    )

    command = run(["python", "-c", script], cwd=folder)

    assert "40 points" in command.stdout, command.stderr


def test_check_and_its_imports_use_nothing_that_only_posix_has() -> None:
    script = (
        "import sys\n"
        "for name in ('fcntl', 'resource', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
        "import autograder.cli, autograder.student.local, autograder.student.practice\n"
        "import autograder.student.render, autograder.student.released, autograder.student.plugin\n"
        "import multiprocessing.context\n"
        "del multiprocessing.context.ForkServerContext, multiprocessing.context.ForkContext\n"
        "import autograder.student.watch, autograder.student.warm, autograder.student.notebook\n"
    )
    import subprocess

    command = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert command.returncode == 0, command.stderr
