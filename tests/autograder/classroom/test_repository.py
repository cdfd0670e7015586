"""Clones that were made to do harm: nothing in them is run, followed or believed."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from autograder.classroom.collecting import git_objects, repositories
from autograder.classroom.collecting.choose import chosen_version
from autograder.classroom.collecting.git_objects import Workshop
from autograder.classroom.collecting.handed import HandedWork, Version, Wanted
from autograder.classroom.collecting.repositories import Clones, clones_in
from autograder.classroom.collecting.repository import Repository
from autograder.errors import SubmissionError
from tests.autograder.classroom.repositories import (
    HANDED_OUT,
    NOTEBOOK,
    OTHER_WORK,
    WORKED_ON,
    Files,
    clone_with,
    commit,
    git,
    new_clone,
)

Open = Callable[..., HandedWork | None]
PY = "convolutions.py"


@pytest.fixture
def opened(ours: Workshop, wanted: Wanted) -> Open:
    """What the one clone in a folder holds."""

    def open_clone(clone: Path, source: str = "github") -> HandedWork | None:
        clones = Clones(workshop=ours, wanted=wanted, source=source, prefix="hw")  # type: ignore[arg-type]
        [item] = clones_in(clone.parent, clones).items
        return item.open()

    return open_clone


def work(given: HandedWork | None) -> Version:
    assert given is not None
    return given.last


def at(tmp_path: Path) -> Path:
    return tmp_path / "clones" / "hw-ada"


@pytest.mark.parametrize(
    "files",
    [
        {PY: WORKED_ON},
        {f"convolutions/{PY}": WORKED_ON, "README.md": b"x"},
        {f"week3/hw/{PY}": WORKED_ON},
        {"my-solution.py": WORKED_ON, "test_visible.py": b"", "conftest.py": b""},
        {"convolutions-1.py": WORKED_ON},
        {PY: HANDED_OUT, f"convolutions/{PY}": WORKED_ON},
    ],
)
def test_the_work_is_found_wherever_it_lies(tmp_path: Path, opened: Open, files: Files) -> None:
    found = work(opened(clone_with(at(tmp_path), files)))

    assert WORKED_ON in found.files.values() and found.changed


def test_every_notebook_and_script_of_the_place_comes_along(tmp_path: Path, opened: Open) -> None:
    files = {
        PY: WORKED_ON, "convolutions.ipynb": NOTEBOOK, "helper.py": b"x = 1\n",
        "zh_CN/convolutions.py": HANDED_OUT, "data.bin": b"1", "deep/other.py": b"1",
    }  # fmt: skip

    found = work(opened(clone_with(at(tmp_path), files)))

    assert set(found.files) == {PY, "convolutions.ipynb", "helper.py", "zh_CN/convolutions.py"}


def test_of_two_places_with_work_a_person_chooses(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON, f"old/{PY}": OTHER_WORK})

    with pytest.raises(SubmissionError, match=r"which of these is the work\?\n  fix: "):
        opened(clone)


@pytest.mark.parametrize("arguments", [(), ("--object-format=sha256",)])
def test_an_empty_clone_holds_nothing(
    tmp_path: Path, opened: Open, arguments: tuple[str, ...]
) -> None:
    assert opened(new_clone(at(tmp_path), *arguments)) is None


def test_a_clone_with_sha256_is_read(tmp_path: Path, opened: Open) -> None:
    clone = new_clone(at(tmp_path), "--object-format=sha256")
    commit(clone, {PY: WORKED_ON})

    assert work(opened(clone)).files == {PY: WORKED_ON}


def test_a_clone_whose_branches_and_objects_are_packed_is_read(
    tmp_path: Path, opened: Open
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    git(clone, "gc", "-q")
    assert not list((clone / ".git/refs/remotes/origin").glob("main"))

    assert work(opened(clone)).files == {PY: WORKED_ON}


def test_nothing_in_a_clone_is_executed_or_obeyed(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON, ".gitattributes": b"* filter=x diff=x\n"})
    sprung = tmp_path / "sprung"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    (clone / ".git" / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"):
        shutil.copy(trap, clone / ".git" / "hooks" / hook)
    (clone / "included").write_text(f"[alias]\n\tcat-file = !{trap}\n")
    with (clone / ".git" / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {trap}\n\tsshCommand = {trap}\n\tpager = {trap}\n"
            f"\thooksPath = {clone / '.git' / 'hooks'}\n\teditor = {trap}\n\tworktree = /\n"
            f"\tgitProxy = {trap}\n\taskPass = {trap}\n"
            f"[include]\n\tpath = {clone / 'included'}\n"
            f'[filter "x"]\n\tsmudge = {trap}\n\tclean = {trap}\n\tprocess = {trap}\n'
            f'[diff "x"]\n\ttextconv = {trap}\n\tcommand = {trap}\n'
            f"[extensions]\n\tpartialClone = origin\n\tworktreeConfig = true\n"
            f'[remote "origin"]\n\turl = ext::{trap}\n\tpromisor = true\n\tuploadpack = {trap}\n'
        )
    (clone / ".git" / "config.worktree").write_text(f"[core]\n\tfsmonitor = {trap}\n")

    found = work(opened(clone))

    assert found.files == {PY: WORKED_ON} and not sprung.exists()


def test_a_missing_object_is_not_fetched_from_where_the_clone_says(
    tmp_path: Path, opened: Open
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    sprung = tmp_path / "sprung"
    (clone / ".git" / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n"
        f'[remote "origin"]\n\turl = ext::sh -c "touch {sprung}"\n\tpromisor = true\n'
        '[protocol "ext"]\n\tallow = always\n'
    )
    for pack in (clone / ".git" / "objects" / "pack").glob("*.idx"):
        pack.with_suffix(".promisor").touch()
    name = git(clone, "rev-parse", f"refs/remotes/origin/main:{PY}")
    (clone / ".git" / "objects" / name[:2] / name[2:]).unlink()

    with pytest.raises(SubmissionError, match=r"is missing\n  fix: clone it again"):
        opened(clone)
    assert not sprung.exists()


def test_an_environment_that_tells_git_what_to_do_is_not_passed_on(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "x")

    assert work(opened(clone)).files == {PY: WORKED_ON}


def _elsewhere(tmp_path: Path) -> Path:
    """A repository of the instructor's, with what no student may have."""
    return clone_with(tmp_path / "private", {PY: b"hidden = 1\n"})


def _git_file(clone: Path, other: Path) -> None:
    shutil.rmtree(clone / ".git")
    (clone / ".git").write_text(f"gitdir: {other / '.git'}\n")


def _git_link(clone: Path, other: Path) -> None:
    shutil.rmtree(clone / ".git")
    (clone / ".git").symlink_to(other / ".git")


def _alternates(clone: Path, other: Path) -> None:
    (clone / ".git/objects/info").mkdir(exist_ok=True)
    (clone / ".git/objects/info/alternates").write_text(f"{other / '.git/objects'}\n")
    _head(clone, other)


def _objects_link(clone: Path, other: Path) -> None:
    shutil.rmtree(clone / ".git/objects")
    (clone / ".git/objects").symlink_to(other / ".git/objects")
    _head(clone, other)


def _object_folder_link(clone: Path, other: Path) -> None:
    for one in (other / ".git/objects").iterdir():
        place = clone / ".git/objects" / one.name
        if place.exists():
            shutil.rmtree(place)
        place.symlink_to(one)
    _head(clone, other)


def _object_links(clone: Path, other: Path) -> None:
    for one in (other / ".git/objects").glob("??/*"):
        place = clone / ".git/objects" / one.parent.name / one.name
        place.parent.mkdir(exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(one)
    _head(clone, other)


def _ref_link(clone: Path, other: Path) -> None:
    place = clone / ".git/refs/remotes/origin/main"
    place.unlink()
    place.symlink_to(other / ".git/refs/remotes/origin/main")


def _refs_link(clone: Path, other: Path) -> None:
    shutil.rmtree(clone / ".git/refs")
    (clone / ".git/refs").symlink_to(other / ".git/refs")


def _head(clone: Path, other: Path) -> None:
    name = git(other, "rev-parse", "refs/remotes/origin/main")
    (clone / ".git/refs/remotes/origin/main").write_text(name + "\n")


@pytest.mark.parametrize(
    "lead_away",
    [
        _git_file, _git_link, _alternates, _objects_link, _object_folder_link, _object_links,
        _ref_link, _refs_link,
    ],
)  # fmt: skip
def test_a_clone_that_leads_to_another_repository_is_refused(
    tmp_path: Path, opened: Open, lead_away: Callable[[Path, Path], None]
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    other = _elsewhere(tmp_path)
    lead_away(clone, other)

    with pytest.raises(SubmissionError, match=r"hw-ada.*\n  fix: "):
        opened(clone)


@pytest.mark.parametrize("name", ["commondir", "worktrees/x/gitdir", "shallow", "info/grafts"])
def test_what_else_lies_in_a_git_folder_is_not_looked_at(
    tmp_path: Path, opened: Open, name: str
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    place = clone / ".git" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(str(_elsewhere(tmp_path) / ".git"))

    assert work(opened(clone)).files == {PY: WORKED_ON}


def test_an_object_that_is_said_to_be_another_is_not_believed(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    objects = clone / ".git/objects"
    name = git(clone, "rev-parse", f"refs/remotes/origin/main:{PY}")
    place = objects / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_bytes(zlib.compress(b"blob %d\0" % len(OTHER_WORK) + OTHER_WORK))

    with pytest.raises(SubmissionError, match=r"is another\n  fix: |cannot read it"):
        opened(clone)


def test_replacements_are_not_obeyed(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    name = git(clone, "rev-parse", f"refs/remotes/origin/main:{PY}")
    other = git(clone, "hash-object", "-w", "--stdin", data=OTHER_WORK)
    git(clone, "replace", name, other)

    assert work(opened(clone)).files == {PY: WORKED_ON}


def test_links_submodules_and_lfs_pointers_are_listed_and_not_followed(
    tmp_path: Path, opened: Open
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
    files: Files = {
        PY: WORKED_ON,
        "convolutions.ipynb": pointer,
        "link.py": ("120000", b"/etc/passwd"),
        "module": ("160000", b"0" * 39 + b"1"),
    }

    found = work(opened(clone_with(at(tmp_path), files)))

    assert set(found.files) == {PY}
    said = " ".join(note.text for note in found.notes)
    assert "in LFS" in said and "link.py: is a link" in said and "is a submodule" in said
    assert any(note.person for note in found.notes)


@pytest.mark.parametrize(
    "files",
    [
        {PY: ("120000", b"/etc/passwd")},
        {PY: b"version https://git-lfs.github.com/spec/v1\n"},
        {PY: b"#" * (2**20 + 1)},
        {"convolutions.py": b"a", "Convolutions.py": b"b"},
    ],
)
def test_work_that_cannot_be_read_is_refused_and_not_called_nothing(
    tmp_path: Path, opened: Open, files: Files
) -> None:
    with pytest.raises(SubmissionError, match=r"\n  fix: "):
        opened(clone_with(at(tmp_path), files))


def test_a_huge_file_is_not_read_to_learn_that_it_is_huge(tmp_path: Path, opened: Open) -> None:
    """A gigabyte of zeros that comes to a megabyte when it is packed."""
    clone = clone_with(at(tmp_path), {"helper.py": WORKED_ON})
    size = 2**30
    body = zlib.compressobj(1)
    header = b"blob %d\0" % size
    digest = hashlib.sha1(header, usedforsecurity=False)
    packed = body.compress(header)
    block = bytes(2**20)
    for _number in range(size // 2**20 // 64):  # the object ends early: nobody gets that far
        digest.update(block)
        packed += body.compress(block)
    name = digest.hexdigest()
    place = clone / ".git/objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(packed + body.flush())
    tree = git(clone, "mktree", "--missing", data=f"100644 blob {name}\t{PY}\n".encode())
    head = git(clone, "commit-tree", tree, "-m", "x")
    git(clone, "update-ref", "refs/remotes/origin/main", head)

    with pytest.raises(SubmissionError, match="larger than 1 MiB"):
        opened(clone)


def test_of_thousands_of_files_those_at_the_top_are_found(tmp_path: Path, opened: Open) -> None:
    many = {f"data{number // 1000}/{number}.py": b"" for number in range(7_000)}

    found = work(opened(clone_with(at(tmp_path), {PY: WORKED_ON, **many})))

    assert set(found.files) == {PY}
    assert any("data6/: has thousands of files" in note.text for note in found.notes)


def test_a_folder_in_a_folder_without_end_comes_to_an_end(tmp_path: Path, opened: Open) -> None:
    deep = "/".join("d" * 1 for _step in range(200))

    found = work(opened(clone_with(at(tmp_path), {PY: WORKED_ON, f"{deep}/x.py": b"x"})))

    assert set(found.files) == {PY}


def test_work_on_another_branch_is_told_and_not_taken(tmp_path: Path, opened: Open) -> None:
    clone = new_clone(at(tmp_path))
    commit(clone, {PY: HANDED_OUT})
    commit(clone, {PY: WORKED_ON}, branch="attempt")

    found = work(opened(clone))

    assert found.files == {PY: HANDED_OUT}
    assert any("attempt" in note.text and note.person for note in found.notes)


def test_the_servers_branch_counts_and_not_what_was_done_in_the_clone(
    tmp_path: Path, opened: Open
) -> None:
    clone = new_clone(at(tmp_path))
    mine = commit(clone, {PY: OTHER_WORK})
    git(clone, "update-ref", "refs/heads/main", mine)
    commit(clone, {PY: WORKED_ON})
    (clone / PY).write_bytes(OTHER_WORK)

    assert work(opened(clone)).files == {PY: WORKED_ON}


def test_the_newest_submit_tag_is_handed_in(tmp_path: Path, opened: Open) -> None:
    clone = new_clone(at(tmp_path))
    first = commit(clone, {PY: OTHER_WORK})
    second = commit(clone, {PY: WORKED_ON}, parent=first)
    commit(clone, {PY: HANDED_OUT}, parent=second)
    git(clone, "tag", "submit/2026-09-19T14-03-22Z-aaaaaaa", first)
    git(clone, "tag", "-a", "-m", "x", "submit/2026-09-20T14-03-22Z-bbbbbbb", second)

    found = work(opened(clone, "classroom50"))

    assert found.files == {PY: WORKED_ON} and found.commit == second
    assert found.tag == "submit/2026-09-20T14-03-22Z-bbbbbbb"


def test_a_commits_own_date_is_not_verified(tmp_path: Path, opened: Open) -> None:
    found = work(opened(clone_with(at(tmp_path), {PY: WORKED_ON})))

    assert (found.time_source, found.time_verified) == ("commit", False)


@pytest.mark.parametrize(
    "ref", ["x", "../../etc/passwd", "ref: refs/heads/main\nx", "\0", "0" * 40]
)
def test_a_head_that_is_nonsense_is_an_empty_clone_or_refused(
    tmp_path: Path, ours: Workshop, ref: str
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    (clone / ".git/refs/remotes/origin/HEAD").write_text(ref)
    (clone / ".git/HEAD").write_text(ref)
    repository = Repository(ours, clone)
    try:
        if repository.head is not None:
            with pytest.raises(SubmissionError):
                repository.tree(repository.head)
    finally:
        repository.close()


def test_git_writes_nothing_into_a_clone(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    before = sorted((str(path), path.lstat().st_mtime_ns) for path in clone.rglob("*"))

    opened(clone)

    assert sorted((str(p), p.lstat().st_mtime_ns) for p in clone.rglob("*")) == before


def test_reading_a_clone_leaves_nothing_open(
    tmp_path: Path, ours: Workshop, wanted: Wanted
) -> None:
    """An open file or process that stays would end a class of thousands."""
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _time in range(5):
        repository = Repository(ours, clone)
        assert chosen_version(repository.tree(str(repository.head)), wanted) is not None
        repository.close()

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_version_names_its_commit(tmp_path: Path, opened: Open) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})

    found = msgspec.structs.asdict(work(opened(clone)))

    assert found["commit"] == git(clone, "rev-parse", "refs/remotes/origin/main")


def test_work_behind_a_folder_of_thousands_of_files_is_found(tmp_path: Path, opened: Open) -> None:
    many = {f"data/{number}.png": b"" for number in range(5_100)}

    found = work(opened(clone_with(at(tmp_path), {f"hw/{PY}": WORKED_ON, **many})))

    assert found.files == {PY: WORKED_ON}


def test_work_where_the_default_branch_was_never_pushed_is_told(
    tmp_path: Path, opened: Open
) -> None:
    clone = new_clone(at(tmp_path))
    commit(clone, {PY: WORKED_ON}, branch="master")

    with pytest.raises(SubmissionError, match="the branch master"):
        opened(clone)


@pytest.mark.parametrize("name", ["hw.rar", "convolutions.PY", "convolutions.ipynb.txt", "hw.7z"])
def test_what_may_be_work_and_is_not_read_is_not_called_nothing(
    tmp_path: Path, opened: Open, name: str
) -> None:
    with pytest.raises(SubmissionError, match="is no notebook"):
        opened(clone_with(at(tmp_path), {name: b"x", "test_visible.py": b""}))


@pytest.mark.parametrize("name", ["Copy of convolutions.py", "src/mine.py", "hw.zip"])
def test_what_may_be_the_work_beside_what_was_handed_out_is_told(
    tmp_path: Path, opened: Open, name: str
) -> None:
    found = work(opened(clone_with(at(tmp_path), {PY: HANDED_OUT, name: WORKED_ON})))

    assert [note.text.partition(":")[0] for note in found.notes if note.person] == [name]


def test_git_has_little_memory_for_a_small_pack_that_comes_to_gigabytes(ours: Workshop) -> None:
    config = (ours.folder / "sha1" / "config").read_text()

    assert "packedGitLimit = 128m" in config and git_objects._MEMORY_BYTES <= 2**30


def test_a_clone_that_the_system_does_not_let_us_read_is_refused(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = clone_with(at(tmp_path), {PY: WORKED_ON})

    def denied(*_given: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(repositories, "Repository", denied)

    with pytest.raises(SubmissionError, match="Permission denied"):
        opened(clone)
