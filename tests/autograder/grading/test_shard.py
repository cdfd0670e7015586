"""Shares of a class, as a CI matrix grades them, and what putting them together comes to."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder import cli
from autograder.errors import OperatorError
from autograder.grading.secret import FILE_NAME, VARIABLE
from autograder.grading.shard import Shard, read_shard
from autograder.grading.stored import report_path
from tests.autograder.conftest import ROOT
from tests.autograder.grading.real_class import RIGHT, STUDENTS, WRONG, RealClass, contents

DOCUMENT = ROOT / "docs" / "more-than-one-machine.md"
WORKFLOW = yaml.safe_load(re.findall(r"```yaml\n(name: .*?)```", DOCUMENT.read_text(), re.S)[0])
OF_THREE = [Shard(number, 3) for number in (1, 2, 3)]


def test_every_student_is_in_exactly_one_share() -> None:
    names = [f"student-{number}" for number in range(1000)]

    shares = [{name for name in names if shard.holds(name)} for shard in OF_THREE]

    assert sum(len(share) for share in shares) == len(names)
    assert set().union(*shares) == set(names)
    assert min(len(share) for share in shares) > 250


def test_a_share_is_the_same_wherever_it_is_asked_for() -> None:
    assert [Shard(number, 3).holds("ada") for number in (1, 2, 3)] == [False, False, True]


@pytest.fixture(autouse=True)
def _no_secret_of_another_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.mark.parametrize(
    "text", ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "1 / 3", "a/b", "١/٣"]
)
def test_what_is_no_share_ends_with_exit_code_2(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = RealClass(tmp_path)
    course.hand_in(RIGHT, STUDENTS[:1])
    monkeypatch.chdir(course.root)

    code = cli.run(["grade", "--shard", text])

    assert code == 2
    assert re.search(r"(?s)is no share.*fix: ", capsys.readouterr().err)
    assert not (course.root / "reports").exists()


def test_without_the_course_secret_a_share_ends_with_exit_code_2_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = RealClass(tmp_path)
    course.hand_in(RIGHT, STUDENTS)
    (course.root / FILE_NAME).unlink()
    monkeypatch.chdir(course.root)

    code = cli.run(["grade", "--shard", "1/3"])

    assert code == 2
    assert re.search(r"(?s)the course secret is not here.*fix: ", capsys.readouterr().err)
    assert not (course.root / FILE_NAME).exists()
    assert not (course.root / "reports").exists()


def test_the_secret_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperatorError):
        read_shard("2/3", tmp_path)
    monkeypatch.setenv(VARIABLE, "from the secrets of a repository")

    assert read_shard("2/3", tmp_path) == Shard(2, 3)


def steps(job: str) -> list[dict[str, Any]]:
    return WORKFLOW["jobs"][job]["steps"]  # type: ignore[no-any-return]


def arguments_of(job: str) -> list[str]:
    """The command in the document that grades, without its program."""
    [line] = [step["run"] for step in steps(job) if "autograder grade" in step.get("run", "")]
    program, command, *arguments = line.replace("${{ matrix.shard }}", "SHARD").split()
    assert (program, command) == (".venv/bin/autograder", "grade")
    return arguments


def with_class(folder: Path) -> RealClass:
    made = RealClass(folder)
    made.hand_in(RIGHT, STUDENTS[:3])
    made.hand_in(WRONG, STUDENTS[3:])
    return made


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> list[RealClass]:
    """A course for each share of the document, in which its command has run."""
    machines = []
    for shard in WORKFLOW["jobs"]["share"]["strategy"]["matrix"]["shard"]:
        machine = with_class(tmp_path_factory.mktemp("machine"))
        arguments = [one.replace("SHARD", shard) for one in arguments_of("share")]
        done = machine.grade(*arguments)
        assert done.returncode == 0, done.stderr
        machines.append(machine)
    return machines


def test_a_share_writes_its_reports_and_no_gradebook(machines: list[RealClass]) -> None:
    graded = [set(machine.reports()) for machine in machines]

    assert sorted(student for share in graded for student in share) == sorted(STUDENTS)
    assert not any(machine.gradebook.exists() for machine in machines)
    assert not any((machine.root / "class").exists() for machine in machines)


def test_the_shares_put_together_grade_nothing_and_write_the_gradebook_of_one_run(
    machines: list[RealClass], tmp_path: Path
) -> None:
    alone, together = with_class(tmp_path / "alone"), with_class(tmp_path / "together")
    for machine in machines:
        shutil.copytree(machine.root / "reports", together.root / "reports", dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in together.root.glob("reports/*/*/*")}

    done = together.grade(*arguments_of("together"), "--json-lines")
    undisturbed = alone.grade(*arguments_of("together"))

    assert (done.returncode, undisturbed.returncode) == (0, 0), done.stderr + undisturbed.stderr
    end = json.loads(done.stdout.splitlines()[-1])
    now = json.loads(report_path(together.root, "ada", "toy").read_bytes())["provenance"]
    [then] = [
        json.loads(data)["provenance"] for path, data in before.items() if "ada" in path.parts
    ]
    assert (end["graded"], end["unchanged"]) == (0, len(STUDENTS)), (end, then, now)
    assert {path: path.read_bytes() for path in together.root.glob("reports/*/*/*")} == before
    graded = {student: one for machine in machines for student, one in machine.reports().items()}
    assert graded == alone.reports()
    assert contents(together.gradebook) == contents(alone.gradebook)


def test_the_workflow_gives_every_job_the_secret_of_the_repository() -> None:
    assert WORKFLOW["env"][VARIABLE] == f"${{{{ secrets.{VARIABLE} }}}}"


def test_a_secret_that_is_not_in_the_repository_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")  # what an unset one of GitHub's is

    with pytest.raises(OperatorError, match="the course secret is not here"):
        read_shard("1/3", tmp_path)
