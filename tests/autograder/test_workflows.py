"""Our workflows: GitHub takes them, nobody can misuse them, and each job holds what it needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder import cli
from autograder.classroom.publishing.published import published_path
from autograder.submission import on_time_folder
from tests.autograder.conftest import BIN, ROOT

TEMPLATES = ROOT / "autograder" / "classroom" / "template_files" / "check.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = re.compile(r"uses: ([\w/.-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$")


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All of them, the students' as it stands in a template."""
    folder = tmp_path_factory.mktemp("student") / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = TEMPLATES.read_text().replace("@TORCH_INDEX@", "${{ vars.TORCH_INDEX }}")
    text = text.replace("@LANGUAGE@", "en")
    (folder / "check.yml").write_text(text)
    return [*WORKFLOWS, folder / "check.yml"]


def jobs_of(name: str) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())["jobs"]
    return jobs


def lint(*command: str | Path) -> subprocess.CompletedProcess[str]:
    program, *rest = map(str, command)
    return subprocess.run([BIN / program, *rest], capture_output=True, text=True, check=False)


def test_github_would_take_them(workflows: list[Path]) -> None:
    done = lint("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *workflows)

    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_can_misuse_them(workflows: list[Path]) -> None:
    done = lint("zizmor", "--offline", "--no-progress", "--no-config", *workflows)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linters_find_what_they_are_there_for(tmp_path: Path) -> None:
    bad = tmp_path / ".github" / "workflows" / "bad.yml"
    bad.parent.mkdir(parents=True)
    bad.write_text(
        "on: issues\njobs:\n  a:\n    runs-on: nowhere-1\n    steps:\n"
        "      - run: echo ${{ github.event.issue.title }}\n"
    )

    assert lint("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", bad).returncode
    assert "template-injection" in lint("zizmor", "--offline", "--no-config", bad).stdout


def test_every_action_is_pinned_by_its_full_hash_and_one_version(workflows: list[Path]) -> None:
    pinned: dict[str, set[str]] = {}
    for path in workflows:
        for line in path.read_text().splitlines():
            if "uses:" in line:
                found = ACTION.search(line)
                assert found, f"{path.name}: {line}"
                pinned.setdefault(found[1], set()).add(found[2])

    assert len(pinned) >= 5
    assert all(len(hashes) == 1 for hashes in pinned.values()), pinned


def test_what_others_write_is_in_no_command(workflows: list[Path]) -> None:
    for path in workflows:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", ""), f"{path.name}: {step}"


def test_no_job_keeps_the_token_of_its_checkout(workflows: list[Path]) -> None:
    for path in workflows:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False


# --- grade.yml -----------------------------------------------------------------------------------


def secrets_of(job: dict[str, Any]) -> set[str]:
    return set(re.findall(r"secrets\.(\w+)", str(job)))


def test_what_runs_student_code_holds_the_course_secret_and_no_token() -> None:
    jobs = jobs_of("grade.yml")

    assert secrets_of(jobs["grade"]) == secrets_of(jobs["together"]) == {"AUTOGRADER_COURSE_SECRET"}
    assert secrets_of(jobs["collect"]) == {"CLASSROOM_READ_TOKEN", "CLASSROOM_ROSTER"}
    assert secrets_of(jobs["publish"]) == {"CLASSROOM_WRITE_TOKEN"}
    assert "GITHUB_TOKEN" not in str(jobs)
    assert [name for name, job in jobs.items() if "github.token" in str(job)] == ["publish"]


def test_each_secret_is_given_to_the_steps_that_need_it_alone() -> None:
    for name, job in jobs_of("grade.yml").items():
        assert "secrets." not in str(job.get("env", "")), name
        for step in job["steps"]:
            if "secrets." in str(step):
                assert "autograder" in step["run"] or "gh repo" in step["run"], step


def test_no_job_may_write_to_the_course_repository() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/grade.yml").read_text())

    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job["permissions"].values()) <= {"read"}


def test_nothing_is_published_unless_somebody_asks_for_it() -> None:
    [step] = [s for s in jobs_of("grade.yml")["publish"]["steps"] if s.get("id") == "publish"]

    assert step["env"]["REALLY"] == "${{ inputs.publish }}"  # empty where the schedule starts it


@pytest.mark.parametrize(("really", "status", "code"), [
    ("true", 0, 0), ("true", 1, 0), ("true", 2, 1), ("false", 1, 0), ("", 3, 1),
])  # fmt: skip
def test_an_end_with_1_is_kept_and_goes_on_and_any_other_stops(
    tmp_path: Path, really: str, status: int, code: int
) -> None:
    [step] = [s for s in jobs_of("grade.yml")["publish"]["steps"] if s.get("id") == "publish"]
    program = tmp_path / ".venv" / "bin" / "autograder"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$@" > asked\nexit {status}\n')
    program.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "A": "lab", "REALLY": really,
                   "GITHUB_OUTPUT": str(tmp_path / "output")}  # fmt: skip

    done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment)

    assert (done.returncode != 0) == (code != 0)
    assert (tmp_path / "output").read_text() == f"status={status}\n"
    yes = " --yes" if really == "true" else ""
    assert (tmp_path / "asked").read_text() == f"publish --assignment lab{yes}\n"


def test_what_was_handed_in_on_time_goes_where_what_was_handed_in_late_goes() -> None:
    uses = {
        (name, step["with"]["path"])
        for name, job in jobs_of("grade.yml").items()
        for step in job["steps"]
        if step.get("with", {}).get("name") == "submitted"
    }

    later = on_time_folder(Path("submitted")).name
    assert uses == {
        ("collect", f"submitted/\n{later}/\n"),
        ("grade", "."), ("together", "."), ("publish", "."),
    }  # fmt: skip


@pytest.mark.parametrize(("status", "goes_on"), [(0, True), (1, True), (2, False)])
def test_who_has_no_score_does_not_keep_the_others_from_being_told(
    tmp_path: Path, status: int, goes_on: bool
) -> None:
    [step] = [s for s in jobs_of("grade.yml")["publish"]["steps"] if s.get("name") == "summary"]
    program = tmp_path / ".venv" / "bin" / "autograder"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '# the class'\nexit {status}\n")
    program.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "A": "lab", "GITHUB_STEP_SUMMARY": "summary"}

    done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment)

    assert (done.returncode == 0) == goes_on
    assert (tmp_path / "summary").read_text() == "# the class\n"


@pytest.mark.parametrize("run", ["41", ""])
def test_what_was_published_before_is_there_before_anything_is_published(
    tmp_path: Path, run: str
) -> None:
    steps = jobs_of("grade.yml")["publish"]["steps"]
    names = [step.get("name", "") for step in steps]
    before = names.index("what was published before")
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> asked\n[ "$1" = run ] || echo "{run}"\n')
    gh.chmod(0o755)

    done = subprocess.run(
        ["bash", "-e", "-c", steps[before]["run"]], cwd=tmp_path, check=True, capture_output=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "A": "lab", "GITHUB_REPOSITORY": "school/course"},
    )  # fmt: skip

    asked = (tmp_path / "asked").read_text().splitlines()
    assert "actions/artifacts?name=published-lab&" in asked[0]
    downloads = ["run download 41 --repo school/course --name published-lab --dir reports"]
    assert asked[1:] == (downloads if run else [])
    assert (b"::warning::" in done.stdout) == (not run)
    assert before < names.index("publish")


def test_what_was_published_is_kept_under_the_name_it_has_on_the_disk() -> None:
    kept = jobs_of("grade.yml")["publish"]["steps"][-1]

    name = published_path(Path(), "ASSIGNMENT").as_posix()
    assert kept["with"]["path"].replace("${{ env.A }}", "ASSIGNMENT") == name
    assert kept["with"]["include-hidden-files"] is True
    assert kept["with"]["name"] == "published-${{ env.A }}" and "always()" in kept["if"]


@pytest.mark.parametrize(
    ("ends", "is_red"),
    [
        (("0", "0", "0"), False),
        (("1", "0", "0"), True),
        (("0", "1", "0"), True),
        (("0", "0", ""), True),
    ],
)
def test_the_last_job_is_red_where_something_is_left_to_do(
    ends: tuple[str, str, str], is_red: bool
) -> None:
    [step] = jobs_of("grade.yml")["needs-a-person"]["steps"]
    environment = dict(zip(("COLLECT", "GRADE", "PUBLISH"), ends, strict=True))

    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
    )  # fmt: skip

    assert (done.returncode != 0) == is_red


def test_the_clones_are_made_of_the_assignments_repositories_alone(tmp_path: Path) -> None:
    [step] = [s for s in jobs_of("grade.yml")["collect"]["steps"] if s.get("name") == "clone"]
    gh = tmp_path / "gh"
    gh.write_text(
        '#!/bin/sh\necho "$@" >> asked\n'
        '[ "$2" = list ] && printf "lab-ada\\nlab-bo\\nother-ada\\nx-lab-cy\\n"\n'
        '[ "$3" != school/lab-ada ]\n'
    )
    gh.chmod(0o755)

    subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=tmp_path, check=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "A": "lab", "OWNER": "school"},
    )  # fmt: skip

    listed, *clones = (tmp_path / "asked").read_text().splitlines()
    assert "isTemplate | not" in listed, "what they are made from is no student's"
    cloned = [line.split()[2:4] for line in clones]
    assert cloned == [
        [f"school/{name}", f"downloaded/lab-submissions/{name}"] for name in ("lab-ada", "lab-bo")
    ]
    assert (tmp_path / "not-cloned").read_text() == "lab-ada\n", "which does not stop the others"


def test_the_commands_of_the_workflows_exist() -> None:
    known = {
        command.callback.__name__ for command in cli.app.registered_commands if command.callback
    }

    for path in (*WORKFLOWS, TEMPLATES):
        for name in re.findall(r"bin/autograder (\w+)", path.read_text()):
            assert name in known, path.name
