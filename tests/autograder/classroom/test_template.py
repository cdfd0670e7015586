"""The students' template: what is in it, in its history and its archives, and that it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import yaml

from autograder.classroom.template import template_files, write_template
from autograder.classroom.template_git import git
from autograder.classroom.template_wheel import student_modules
from autograder.errors import AuthorError, OperatorError
from autograder.spec import Course, find_course
from tests.autograder.conftest import ROOT
from tests.autograder.test_what_leaves_is_clean import staff_texts, strings

WHEEL = "convcourse-0.1.0-py3-none-any.whl"
RELEASED = ("README.md", "conftest.py", "convolutions.ipynb", "convolutions.py", "test_visible.py")
ADDRESS = "https://example.org/cpu"


@pytest.fixture(scope="module")
def files(course: Course) -> dict[str, bytes]:
    return template_files(course, "convolutions", ADDRESS)


@pytest.fixture(scope="module")
def template(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "convolutions"
    write_template(files, folder)
    return folder


def objects(repository: Path) -> Iterator[tuple[str, str, bytes]]:
    """Every object that the repository has, whether anything refers to it or not."""
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check").decode()
    for line in listed.splitlines():
        name, kind, _size = line.split()
        yield name, kind, git(repository, "cat-file", kind, name)


def texts_in(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """What can be read in ``data``: as it stands, in the strings of JSON, and in an archive."""
    yield name, data.decode("utf-8", "replace")
    if data.startswith(b"{"):
        try:
            yield f"{name} as JSON", "\n".join(strings(msgspec.json.decode(data)))
        except msgspec.DecodeError:
            return
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in archive.namelist():
                for place, text in texts_in(member, archive.read(member)):
                    yield f"{name}: {place}", text


# --- What is in it -------------------------------------------------------------------------------


def test_the_template_holds_what_is_listed_and_nothing_else(template: Path) -> None:
    there = {
        path.relative_to(template).as_posix()
        for path in template.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(template).parts
    }

    assert there == {
        *RELEASED, *(f"zh_CN/{name}" for name in RELEASED), WHEEL, ".gitignore", ".gitattributes",
        ".github/workflows/check.yml", ".devcontainer/devcontainer.json",
    }  # fmt: skip


def test_nothing_hidden_and_nothing_of_the_solution_is_in_any_object_or_archive(
    template: Path,
) -> None:
    staff = staff_texts(ROOT)
    found = dict(one for name, _kind, data in objects(template) for one in texts_in(name, data))

    assert len(staff.hidden) > 100 and len(staff.canaries) > 3
    assert any("convolutions.ipynb" in text for text in found.values())
    assert any(place.endswith("autograder/student/run.py") for place in found)
    assert staff.found_in(found) == []


def test_the_search_finds_a_hidden_line_in_an_archive_in_the_history(tmp_path: Path) -> None:
    [line, *_] = staff_texts(ROOT).hidden
    inside = BytesIO()
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep.py", line)
    write_template({"a.whl": inside.getvalue()}, tmp_path / "t")

    found = dict(one for n, _k, data in objects(tmp_path / "t") for one in texts_in(n, data))

    assert staff_texts(ROOT).found_in(found)


def test_its_history_is_one_commit_and_nothing_of_the_courses(template: Path) -> None:
    kinds = [kind for _name, kind, _data in objects(template)]

    assert kinds.count("commit") == 1 and "tag" not in kinds
    assert git(template, "log", "--format=%an <%ae> %ad", "--date=short").decode() == (
        "Course staff <course@invalid> 2026-01-01\n"
    )
    assert git(template, "remote") == b"" and git(template, "stash", "list") == b""
    assert not (template / ".git" / "hooks").exists()
    assert not (template / ".git" / "logs").exists() or "Course staff" in "".join(
        path.read_text() for path in (template / ".git" / "logs").rglob("*") if path.is_file()
    )


def test_the_same_source_gives_the_same_commit(
    course: Course, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada Operator")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")

    write_template(template_files(course, "convolutions", ADDRESS), tmp_path / "again")

    assert git(tmp_path / "again", "rev-parse", "HEAD") == git(template, "rev-parse", "HEAD")


def test_no_configuration_or_template_of_the_operators_gets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "post-commit").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / ".gitconfig").write_text(
        f"[user]\n name = Ada\n[init]\n templateDir = {tmp_path}\n[core]\n autocrlf = true\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))

    write_template({"a.py": b"1\n"}, tmp_path / "t")

    assert not (tmp_path / "t" / ".git" / "hooks").exists()
    assert b"Ada" not in git(tmp_path / "t", "log", "--format=%an")


def test_the_readme_says_where_the_checker_is_in_each_language(files: dict[str, bytes]) -> None:
    assert f"`{WHEEL}`" in files["README.md"].decode()
    assert f"`../{WHEEL}`" in files["zh_CN/README.md"].decode()


def test_nothing_is_left_to_be_filled_in(files: dict[str, bytes]) -> None:
    for path, data in files.items():
        assert b"@TORCH_INDEX@" not in data and b"@LANGUAGE@" not in data, path


def test_the_dev_container_installs_the_checker(files: dict[str, bytes]) -> None:
    comment, _end, rest = files[".devcontainer/devcontainer.json"].partition(b"\n")
    container = msgspec.json.decode(rest)

    assert comment.startswith(b"//")
    assert container["containerEnv"] == {"TORCH_INDEX": ADDRESS}
    assert "pip install --user ./*.whl" in container["postCreateCommand"]


def test_the_workflow_may_read_and_no_more_and_keeps_no_token(files: dict[str, bytes]) -> None:
    workflow = yaml.safe_load(files[".github/workflows/check.yml"])

    assert workflow["permissions"] == {"contents": "read"}
    [job] = workflow["jobs"].values()
    [checkout] = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"] == {"persist-credentials": False}
    assert not any("${{" in step.get("run", "") for step in job["steps"])
    assert "secrets" not in files[".github/workflows/check.yml"].decode()


def test_without_an_address_the_workflow_asks_a_variable(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "autograder.classroom.template.student_wheel", lambda scratch: (WHEEL, b"PK")
    )

    made = template_files(course, "convolutions")

    text = made[".github/workflows/check.yml"].decode()
    assert "TORCH_INDEX: ${{ vars.TORCH_INDEX }}" in text and "@TORCH_INDEX@" not in text


@pytest.mark.parametrize("address", ["cpu", "https://x/${{ secrets.A }}", "https://x\n  run: y"])
def test_an_address_that_is_none_is_refused(course: Course, address: str) -> None:
    with pytest.raises(OperatorError, match="torch-index"):
        template_files(course, "convolutions", address)


# --- What is refused -----------------------------------------------------------------------------


def test_a_release_that_is_not_what_its_source_gives_is_refused(quick_course: Path) -> None:
    with pytest.raises(AuthorError, match=r"conftest\.py: is not what its source gives"):
        template_files(find_course(quick_course), "convolutions")  # its limits were changed


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_not_on_the_list_is_refused(tmp_path: Path, kind: str) -> None:
    for folder in ("assignments", "solutions", "tests/visible", "tests/hidden"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "course.toml", tmp_path)
    extra = tmp_path / "assignments" / "convolutions" / "solution.py"
    extra.symlink_to("/etc/passwd") if kind == "link" else extra.write_text("")

    with pytest.raises(AuthorError, match=r"solution\.py"):
        template_files(find_course(tmp_path), "convolutions")


def test_a_template_that_somebody_works_in_is_not_replaced(tmp_path: Path) -> None:
    write_template({"a.py": b"1\n"}, tmp_path / "t")
    (tmp_path / "t" / "mine.py").write_text("")

    with pytest.raises(OperatorError, match="no template"):
        write_template({"a.py": b"2\n"}, tmp_path / "t")

    assert (tmp_path / "t" / "mine.py").exists()


def test_a_template_that_nobody_changed_is_replaced(tmp_path: Path) -> None:
    assert write_template({"a.py": b"1\n", "b.py": b""}, tmp_path / "t")
    assert not write_template({"a.py": b"1\n", "b.py": b""}, tmp_path / "t")

    assert write_template({"a.py": b"2\n"}, tmp_path / "t")

    assert (tmp_path / "t" / "a.py").read_bytes() == b"2\n"
    assert not (tmp_path / "t" / "b.py").exists()


def test_a_link_in_the_place_of_the_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "t").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OperatorError, match="is a link"):
        write_template({"a.py": b"1\n"}, tmp_path / "t")


# --- The checker in it ---------------------------------------------------------------------------


def test_the_students_checker_holds_nothing_of_grading_a_class_or_making_assignments() -> None:
    parts = {module.partition(".")[2].partition(".")[0] for module in student_modules()}

    assert not parts & {"authoring", "nbgrader", "gradebook", "classroom", "misconceptions"}
    assert {"student", "sandbox", "checks", "messages"} <= parts
    assert "autograder.grading.secret" not in student_modules()


# --- That it works -------------------------------------------------------------------------------

# In the place of pip, and of what changes the machine: they say what they were asked for. A wheel
# is really installed, without what it needs, which is in the environment of the tests.
SHIM = """#!{python} -P
import os, subprocess, sys
from pathlib import Path
name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
with open({asked!r}, "a") as file:
    print(name, *arguments, file=file)
practice = Path.home() / "practice"
if name == "python" and arguments[:2] == ["-m", "venv"]:
    (practice / "bin").mkdir(parents=True)
    (practice / "bin" / "pip").symlink_to(sys.argv[0])
for wheel in (one for one in arguments if name == "pip" and one.endswith(".whl")):
    subprocess.run([{python!r}, "-P", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                    "--target", practice / "lib", wheel], check=True)
    (practice / "bin" / "autograder").write_text(
        f"#!{python} -P\\nimport sys\\nsys.path.insert(0, {{str(practice / 'lib')!r}})\\n"
        "from autograder.__main__ import main\\nmain()\\n")
    (practice / "bin" / "autograder").chmod(0o755)
"""


class Clone(NamedTuple):
    """A clone of the template, and what a job in it has."""

    folder: Path
    environment: dict[str, str]
    asked: Path
    summary: Path

    def run(self, *steps: str) -> subprocess.CompletedProcess[str]:
        """The workflow's own commands, as a runner runs them; of the steps so named, if any are."""
        workflow = yaml.safe_load((self.folder / ".github/workflows/check.yml").read_text())
        [job] = workflow["jobs"].values()
        commands = [s for s in job["steps"] if "run" in s and (not steps or s["name"] in steps)]
        assert len(commands) == (len(steps) or 3)
        for step in commands:
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-c", step["run"]],
                cwd=self.folder, env={**self.environment, **job["env"]}, text=True,
                capture_output=True, check=False,
            )  # fmt: skip
            if done.returncode:
                break
        return done


@pytest.fixture(scope="module")
def clone(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A student's clone in a clean folder, in which the workflow has run once."""
    place = tmp_path_factory.mktemp("student")
    place.chmod(0o755)
    subprocess.run(["git", "clone", "--quiet", template, place / "clone"], check=True)
    (place / "shims").mkdir()
    shim = SHIM.format(python=sys.executable, asked=str(place / "asked"))
    pip = place / "shims" / "pip"
    pip.write_text(shim)
    pip.chmod(0o755)
    for name in ("python", "sudo", "apt-get"):
        (place / "shims" / name).symlink_to(pip)
    environment = {
        "PATH": f"{place / 'shims'}:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(place / "home"),
        "LANG": "C.UTF-8",
        "GITHUB_STEP_SUMMARY": str(place / "summary.md"),
        "GITHUB_WORKSPACE": str(place / "clone"),
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
    }
    return Clone(place / "clone", environment, place / "asked", place / "summary.md")


@pytest.fixture(scope="module")
def first(clone: Clone) -> subprocess.CompletedProcess[str]:
    """The first run of the workflow: of what was handed out."""
    return clone.run()


def test_the_workflows_own_commands_fail_on_what_was_handed_out(
    clone: Clone, first: subprocess.CompletedProcess[str]
) -> None:
    assert first.returncode == 1, first.stdout + first.stderr
    assert "**0 of 40 points" in clone.summary.read_text()
    assert "::notice file=convolutions.ipynb" in first.stdout


def test_the_workflow_asks_for_the_cpu_build_and_lets_the_sandbox_have_its_namespaces(
    clone: Clone, first: subprocess.CompletedProcess[str]
) -> None:
    asked = clone.asked.read_text().splitlines()

    assert f"pip install --quiet --index-url {ADDRESS} torch" in asked
    assert f"pip install --quiet ./{WHEEL}" in asked
    assert "sudo apt-get install --yes -qq bubblewrap" in asked
    assert asked[-1] == "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"


def test_the_workflows_own_commands_pass_on_the_solution(
    clone: Clone, first: subprocess.CompletedProcess[str]
) -> None:
    solution = ROOT / "solutions" / "convolutions" / "convolutions.py"
    (clone.folder / "convolutions.py").write_bytes(solution.read_bytes())
    clone.summary.unlink()

    done = clone.run("the visible checks")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "**40 of 40 points" in clone.summary.read_text()


def test_the_checker_of_the_template_knows_the_students_commands_alone(
    clone: Clone, first: subprocess.CompletedProcess[str]
) -> None:
    program = Path(clone.environment["HOME"]) / "practice" / "bin" / "autograder"

    said = subprocess.run(
        [program, "--help"], env=clone.environment, capture_output=True, text=True, check=True
    ).stdout

    assert "│ check " in said and "│ watch " in said
    assert "│ grade " not in said and "│ template " not in said
