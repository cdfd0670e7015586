from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder import cli
from autograder.cli.application import where
from autograder.errors import SandboxError
from tests.autograder.conftest import ROOT, Run


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    command = run(["autograder"])

    assert "Usage" in command.stdout + command.stderr


def test_python_m_autograder_is_the_same_command(run: Run) -> None:
    command = run(["python", "-m", "autograder", "--help"])

    assert command.returncode == 0
    assert "grade" in command.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "/nowhere"], "/nowhere"),
        (["grade", "--assignment", "poetry"], "poetry"),
        (["grade", "--student", "nobody"], "nobody"),
        (["release", "poetry"], "poetry"),
        (["check", "/nowhere/x.py"], "/nowhere"),
    ],
)
def test_a_wrong_argument_is_told_with_a_fix_and_exit_code_2(
    run: Run, arguments: list[str], words: str
) -> None:
    command = run(["autograder", *arguments])

    assert command.returncode == 2
    assert words in command.stderr
    assert "fix:" in command.stderr
    assert "Traceback" not in command.stderr


def test_an_unknown_option_is_exit_code_2(run: Run) -> None:
    assert run(["autograder", "grade", "--no-sandbox"]).returncode == 2


def test_grading_outside_a_course_says_where_to_go(run: Run, tmp_path: Path) -> None:
    command = run(["autograder", "grade"], cwd=tmp_path)

    assert command.returncode == 2
    assert "course.toml" in command.stderr


def test_no_sandbox_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise SandboxError("cannot isolate student code\n  fix: a kernel that can")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("autograder.grading.workers.Workers.grade", refuse)

    code = cli.run(["grade", "examples/submitted", "--output", "build/test-no-sandbox"])

    assert code == 3
    assert "cannot isolate" in capsys.readouterr().err
    shutil.rmtree(ROOT / "build" / "test-no-sandbox")


def test_one_student_can_be_graded_alone(run: Run, tmp_path: Path) -> None:
    command = run(
        ["autograder", "grade", "examples/submitted", "--student", "ada", "--output", str(tmp_path)]
    )

    assert command.returncode == 0, command.stderr
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["ada"]


def test_submitted_is_graded_when_it_holds_a_student_else_the_example_class(
    tmp_path: Path,
) -> None:
    (tmp_path / "examples" / "submitted" / "ada").mkdir(parents=True)

    empty = where(tmp_path, None, None)
    (tmp_path / "submitted" / "bo").mkdir(parents=True)
    filled = where(tmp_path, None, None)

    assert empty == (tmp_path / "examples" / "submitted", tmp_path / "build" / "example")
    assert filled == (tmp_path / "submitted", tmp_path)


def test_grading_leaves_the_working_tree_clean(run: Run) -> None:
    def untracked() -> str:
        return run_git("status", "--porcelain", "--untracked-files=all")

    def run_git(*arguments: str) -> str:
        import subprocess

        return subprocess.run(
            ["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=True
        ).stdout

    before = untracked()
    command = run(["autograder", "grade", "examples/submitted", "--student", "emil"])

    assert command.returncode == 0, command.stderr
    assert untracked() == before


def test_what_is_written_does_not_go_where_students_put_their_files(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "class" / "ada" / "convolutions").mkdir(parents=True)

    said = run(
        ["autograder", "grade", str(tmp_path / "class"), "--output", str(tmp_path / "class")]
    )

    assert said.returncode == 2
    assert "lies in the folder to be graded" in said.stderr and "fix:" in said.stderr
    assert [path.name for path in (tmp_path / "class").iterdir()] == ["ada"]


@pytest.mark.parametrize("where", ["submitted", "submitted-on-time", "examples/submitted", "."])
def test_a_file_that_was_handed_in_is_not_run_by_check(
    run: Run, tmp_path: Path, where: str
) -> None:
    shutil.copy(ROOT / "course.toml", tmp_path)
    folder = tmp_path / where / "eve" / "convolutions"
    shutil.copytree(ROOT / "assignments" / "convolutions", folder)
    (folder / "convolutions.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")

    said = run(["autograder", "check", str(folder)])

    assert said.returncode == 2
    assert "may have been handed in" in said.stderr and "fix: autograder grade" in said.stderr
    assert not (tmp_path / "ran").exists()
