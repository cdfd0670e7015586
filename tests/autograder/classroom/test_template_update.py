"""Corrected checks brought to repositories that students have changed in every way."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from autograder import cli
from autograder.classroom.template import write_template
from autograder.classroom.template_git import git, paths_in
from autograder.classroom.template_update import Update, commands, prepare, update_of, write_update
from autograder.errors import OperatorError
from tests.autograder.conftest import ROOT

OLD_WHEEL, WHEEL = "convcourse-0.0.9-py3-none-any.whl", "convcourse-0.1.0-py3-none-any.whl"
HANDED_OUT = {
    ".devcontainer/devcontainer.json": b"{}\n",
    ".gitattributes": b"*.py text eol=lf filter=spy\n",
    ".github/workflows/check.yml": b"name: old\n",
    ".gitignore": b"x\n",
    "README.md": b"old\n",
    "conftest.py": b"old\n",
    "lab.ipynb": b"{}\n",
    "lab.py": b"pass\n",
    "test_visible.py": b"old\n",
    "zh_CN/lab.py": b"pass\n",
    "zh_CN/test_visible.py": b"old\n",
    OLD_WHEEL: b"PK",
}
CORRECTED = {
    path: b"new\n" for path in HANDED_OUT if path != OLD_WHEEL
} | {WHEEL: b"PK2"}  # fmt: skip
OURS = {".github/workflows/check.yml", "README.md", "conftest.py", "test_visible.py",
        "zh_CN/test_visible.py", WHEEL}  # fmt: skip


@pytest.fixture
def update() -> Update:
    return update_of("lab", CORRECTED)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The instructor's clone of a student's repository."""
    write_template(HANDED_OUT, tmp_path / "template")
    place = tmp_path / "lab-ada"
    subprocess.run(["git", "clone", "--quiet", tmp_path / "template", place], check=True)
    return place


def worked_on(clone: Path) -> None:
    """What is in the clone's working tree is what the student has pushed."""
    git(clone, "add", "--all", "--force")
    git(clone, "commit", "--quiet", "--message", "my work")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")


def changed(clone: Path, update: Update) -> set[str]:
    listed = git(clone, "diff-tree", "-r", "--name-only", "--no-renames", "HEAD", update.branch)
    return set(listed.decode().split())


def test_only_what_is_the_courses_is_changed(clone: Path, update: Update) -> None:
    prepared = prepare(update, clone)

    assert changed(clone, update) == OURS | {OLD_WHEEL} == set(prepared.changed)
    assert OLD_WHEEL not in paths_in(clone, update.branch)
    assert git(clone, "show", f"{update.branch}:test_visible.py") == b"new\n"


def test_what_the_student_wrote_stays_on_top_of_it(clone: Path, update: Update) -> None:
    (clone / "lab.py").write_text("def corr2d(): ...\n")
    (clone / "notes.md").write_text("mine\n")
    (clone / "test_visible.py").write_text("mine\n")
    (clone / "conftest.py").unlink()
    worked_on(clone)

    prepare(update, clone)

    show = {path: git(clone, "show", f"{update.branch}:{path}") for path in ("lab.py", "notes.md")}
    assert show == {"lab.py": b"def corr2d(): ...\n", "notes.md": b"mine\n"}
    assert git(clone, "show", f"{update.branch}:test_visible.py") == b"new\n"
    assert git(clone, "rev-parse", f"{update.branch}^") == git(clone, "rev-parse", "HEAD")


def test_twice_is_the_same_as_once(clone: Path, update: Update) -> None:
    prepare(update, clone)
    once = git(clone, "rev-parse", update.branch)

    prepare(update, clone)

    assert git(clone, "rev-parse", update.branch) == once


def test_where_it_was_merged_nothing_is_to_be_done(clone: Path, update: Update) -> None:
    prepare(update, clone)
    git(clone, "update-ref", "refs/remotes/origin/main", update.branch)
    git(clone, "branch", "-D", update.branch)

    assert prepare(update, clone).changed == ()
    assert git(clone, "branch", "--list", update.branch) == b""


def test_the_working_tree_and_index_are_not_touched(clone: Path, update: Update) -> None:
    (clone / "lab.py").write_text("not committed\n")

    prepare(update, clone)

    assert git(clone, "status", "--porcelain") == b" M lab.py\n"
    assert (clone / "test_visible.py").read_bytes() == b"old\n"


def test_a_link_or_folder_in_the_place_of_a_file_is_replaced_and_not_followed(
    clone: Path, update: Update, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (clone / "test_visible.py").unlink()
    (clone / "test_visible.py").mkdir()
    (clone / "test_visible.py" / "a").write_text("a")
    subprocess.run(["rm", "-r", clone / ".github"], check=True)
    (clone / ".github").symlink_to(victim)
    worked_on(clone)

    prepare(update, clone)

    there = paths_in(clone, update.branch)
    assert there["test_visible.py"] == there[".github/workflows/check.yml"] == "100644"
    assert list(victim.iterdir()) == []


def test_nothing_that_the_repository_configures_is_run(
    clone: Path, update: Update, tmp_path: Path
) -> None:
    spy = f"touch {shlex.quote(str(tmp_path / 'spied'))}"
    hooks = clone / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-commit", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\n{spy}\n")
        (hooks / name).chmod(0o755)
    with (clone / ".git" / "config").open("a") as config:
        config.write(f'[core]\nfsmonitor = "{spy}"\n[filter "spy"]\nclean = "{spy}; cat"\n')

    prepare(update, clone)

    assert not (tmp_path / "spied").exists()


@pytest.mark.parametrize("remote", ["command", "upload-pack"])
def test_nothing_is_fetched_for_what_is_missing_in_the_repository(
    clone: Path, update: Update, tmp_path: Path, remote: str
) -> None:
    """The remote of a partial clone may be a command, which git runs for an object it lacks."""
    spy = tmp_path / "spied"
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "remote.origin.url": f"ext::touch {spy}" if remote == "command" else str(clone),
        "remote.origin.uploadpack": f"touch {spy}; git-upload-pack",
    }
    for name, value in settings.items():
        subprocess.run(["git", "-C", clone, "config", name, value], check=True)
    for pack in (clone / ".git" / "objects").rglob("*"):
        if pack.is_file():
            pack.unlink()

    with pytest.raises(OperatorError):
        prepare(update, clone)

    assert not spy.exists()


def test_a_reference_in_the_place_of_the_branch_is_not_followed(
    clone: Path, update: Update
) -> None:
    before = git(clone, "rev-parse", "refs/heads/main")
    git(clone, "symbolic-ref", f"refs/heads/{update.branch}", "refs/heads/main")

    prepare(update, clone)

    assert git(clone, "rev-parse", "refs/heads/main") == before


@pytest.mark.parametrize("how", ["link", "commondir"])
def test_another_repository_in_the_place_of_the_clones_is_refused(
    clone: Path, update: Update, tmp_path: Path, how: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    if how == "link":
        (other / ".git").symlink_to(clone / ".git")
    else:
        (other / ".git").mkdir()
        (other / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (other / ".git" / "commondir").write_text(f"{clone / '.git'}\n")

    with pytest.raises(OperatorError, match="no clone"):
        prepare(update, other)


def test_a_repository_of_something_else_is_refused(tmp_path: Path, update: Update) -> None:
    write_template({"thesis.tex": b""}, tmp_path / "thesis")

    with pytest.raises(OperatorError, match=r"holds neither lab\.ipynb nor lab\.py"):
        prepare(update, tmp_path / "thesis")


def test_a_folder_inside_of_another_repository_is_refused(clone: Path, update: Update) -> None:
    (clone / "inside").mkdir()

    with pytest.raises(OperatorError, match="no clone"):
        prepare(update, clone / "inside")


def test_the_text_names_each_file_and_nothing_is_said_of_a_student(update: Update) -> None:
    assert all(f"- `{path}`" in update.body for path in OURS)
    assert "lab.py" not in update.body and "lab.ipynb" not in update.body


def test_the_files_are_written_for_whoever_brings_them_there_otherwise(
    update: Update, tmp_path: Path
) -> None:
    write_update(update, tmp_path / "update")

    files = tmp_path / "update" / "files"
    assert {p.relative_to(files).as_posix() for p in files.rglob("*") if p.is_file()} == OURS
    assert (tmp_path / "update" / "title.txt").read_text() == "Corrected checks for lab\n"


def test_no_file_is_written_behind_a_link(update: Update, tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "update").mkdir()
    (tmp_path / "update" / "files").symlink_to(tmp_path / "victim")

    with pytest.raises(OperatorError, match="link"):
        write_update(update, tmp_path / "update")

    assert list((tmp_path / "victim").iterdir()) == []


def test_a_name_is_no_command_in_what_is_to_be_copied(update: Update, tmp_path: Path) -> None:
    made = commands(update, Path("a b; touch x $(y)"), tmp_path / "body.md")

    first, second = made.splitlines()
    assert shlex.split(first)[:3] == ["git", "-C", "a b; touch x $(y)"]
    assert "cd 'a b; touch x $(y)' && gh pr create" in second


def test_the_command_makes_branches_and_says_what_it_left_out(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(
        "autograder.classroom.template.template_files", lambda *given: dict(CORRECTED)
    )
    (tmp_path / "other").mkdir()
    (clone / "convolutions.py").write_text("")
    worked_on(clone)

    code = cli.run(["template", "convolutions", str(tmp_path / "other"), str(clone), "--update",
                    "--output", str(tmp_path / "out")])  # fmt: skip

    said = capsys.readouterr()
    assert code == 1 and "no clone" in said.err
    assert f"git -C {clone} push origin corrected-checks-" in said.out
    assert (tmp_path / "out" / "convolutions-update" / "body.md").is_file()


def test_clones_without_update_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    assert cli.run(["template", "convolutions", "somewhere"]) == 2
    assert "--update" in capsys.readouterr().err
