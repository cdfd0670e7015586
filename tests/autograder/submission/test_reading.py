"""A student's file is opened without following, waiting, or reading without end."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.errors import SubmissionError
from autograder.submission import read_regular_file, reading
from autograder.submission.reading import names_in_folder, printable

PARTS = ("ann", "shapes", "shapes.py")
NOBODY = 65534


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the one file of ann's submission belongs; the class is its folder's folder's folder."""
    folder = tmp_path / "ann" / "shapes"
    folder.mkdir(parents=True)
    return folder / "shapes.py"


def read(place: Path, max_bytes: int = 100) -> bytes:
    return read_regular_file(place.parents[2], PARTS, max_bytes)


def refusal(place: Path, max_bytes: int = 100) -> str:
    """The words of the refusal, which name the file and a way out."""
    with pytest.raises(SubmissionError) as refused:
        read(place, max_bytes)
    assert str(place.name) in str(refused.value)
    assert "\n  fix: " in str(refused.value)
    return str(refused.value)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything; for a while we are somebody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """As ``place``, in a folder that nobody but ``nobody`` may look into as well."""
    root = Path(tempfile.mkdtemp(dir="/tmp"))
    folder = root / "ann" / "shapes"
    folder.mkdir(parents=True)
    for each in (root, root / "ann", folder):
        each.chmod(0o755)
    yield folder / "shapes.py"
    folder.chmod(0o755)
    shutil.rmtree(root)


def test_a_regular_file_is_its_bytes(place: Path):
    place.write_bytes(b"x = 1\r\n\0\xff")

    assert read(place) == b"x = 1\r\n\0\xff"


def test_an_empty_file_is_no_bytes(place: Path):
    place.touch()

    assert read(place) == b""


def test_a_file_of_exactly_the_limit_is_read(place: Path):
    place.write_bytes(b"x" * 100)

    assert len(read(place, max_bytes=100)) == 100


def test_a_file_above_the_limit_is_refused(place: Path):
    place.write_bytes(b"x" * 101)

    assert "larger than" in refusal(place, max_bytes=100)


def test_a_file_of_a_terabyte_of_nothing_is_refused_and_not_read(place: Path):
    with place.open("wb") as file:
        file.truncate(2**40)

    assert "larger than" in refusal(place, max_bytes=2**20)


def test_a_missing_file_is_not_found(place: Path):
    with pytest.raises(FileNotFoundError):
        read(place)


def test_a_missing_student_is_not_found(place: Path):
    with pytest.raises(FileNotFoundError):
        read_regular_file(place.parents[2], ("bob", *PARTS[1:]), 100)


def make_link(place: Path) -> None:
    place.symlink_to("/etc/hostname")


def make_link_to_itself(place: Path) -> None:
    place.symlink_to(place)


def make_link_of_the_system(place: Path) -> None:
    place.symlink_to("/proc/self/fd/0")  # leads to what is open, past every name


def make_link_to_our_memory(place: Path) -> None:
    place.symlink_to("/proc/self/mem")


def make_dangling_link(place: Path) -> None:
    place.symlink_to("nowhere")


def make_link_on_the_way(place: Path) -> None:
    place.write_text("x = 1\n")
    elsewhere = place.parent.rename(place.parents[1] / "elsewhere")
    place.parent.symlink_to(elsewhere)


def make_student_a_link(place: Path) -> None:
    place.write_text("x = 1\n")
    elsewhere = place.parents[1].rename(place.parents[2] / "elsewhere")
    place.parents[1].symlink_to(elsewhere)


@pytest.mark.parametrize(
    "make",
    [
        make_link,
        make_link_to_itself,
        make_link_of_the_system,
        make_link_to_our_memory,
        make_dangling_link,
        make_link_on_the_way,
        make_student_a_link,
    ],
)
def test_no_link_is_followed(place: Path, make: Callable[[Path], None]):
    make(place)

    assert "is a link" in refusal(place)


def make_pipe(place: Path) -> None:
    os.mkfifo(place)


def make_folder(place: Path) -> None:
    place.mkdir()


@pytest.mark.parametrize(
    ("make", "kind"), [(make_pipe, "a pipe"), (make_folder, "a folder")], ids=["pipe", "folder"]
)
def test_what_is_no_file_is_refused_at_once(place: Path, make: Callable[[Path], None], kind: str):
    make(place)

    assert f"but {kind}" in refusal(place)


def test_a_socket_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(place.parent)  # a socket's path may be 108 bytes long at most
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place.name)

    refusal(place)


def test_a_device_is_refused():
    with pytest.raises(SubmissionError, match="a device"):
        read_regular_file(Path("/dev"), ("zero",), 100)


def test_a_file_in_the_place_of_a_folder_is_refused(place: Path):
    place.parent.rmdir()
    place.parent.write_text("x = 1\n")

    refusal(place)


def test_a_file_that_may_not_be_read_is_refused(open_place: Path):
    open_place.write_text("x = 1\n")
    open_place.chmod(0o000)

    with as_nobody():
        text = refusal(open_place)

    assert "permissions" in text


def test_a_folder_that_may_not_be_entered_is_refused(open_place: Path):
    open_place.write_text("x = 1\n")
    open_place.parent.chmod(0o000)

    with as_nobody():
        text = refusal(open_place)

    assert "permissions" in text


def test_no_descriptor_is_left_open(place: Path):
    place.mkdir()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone

    for _ in range(3):
        refusal(place)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names alone


def test_a_name_that_is_no_text_is_shown_in_escapes(place: Path):
    name = os.fsdecode(b"\xd7\xf7\xd2\xb5\x1b[31m.py")  # in the encoding of another system
    (place.parent / name).mkdir()

    with pytest.raises(SubmissionError) as refused:
        read_regular_file(place.parent, (name,), 100)

    assert r"\udcd7" in str(refused.value)
    assert "\x1b" not in str(refused.value)
    str(refused.value).encode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("作业 1.py", "作业 1.py"),
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egpj.py", r"\u202egpj.py"),
        ("\udcff", r"\udcff"),
    ],
)
def test_a_path_is_shown_without_what_a_terminal_obeys(name: str, shown: str):
    assert printable(name) == shown


# --- While it is read, and on the way to it ------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["..", ".", "", "../bob", "/etc/hostname", "a/b", "a\0b", "\ud800"]
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_part_that_is_no_single_name_is_refused(place: Path, part: str, position: int):
    place.write_text("x = 1\n")
    parts = tuple(part if index == position else PARTS[index] for index in range(3))

    with pytest.raises(SubmissionError, match="is no name of a file\n  fix: "):
        read_regular_file(place.parents[2], parts, 100)


def test_a_name_longer_than_a_disk_takes_is_refused(place: Path):
    with pytest.raises(SubmissionError, match="cannot be read"):
        read_regular_file(place.parents[2], (*PARTS[:2], "x" * 300), 100)


@pytest.mark.parametrize("swapped", ["file", "folder", "student"])
def test_what_becomes_a_link_between_listing_and_opening_is_not_followed(place: Path, swapped: str):
    place.write_text("x = 1\n")
    elsewhere = place.parents[2] / "elsewhere" / "shapes"
    elsewhere.mkdir(parents=True)
    (elsewhere / "shapes.py").write_text("secret = 1\n")
    assert names_in_folder(place.parents[2], PARTS[:2]) == ["shapes.py"]

    at, to = {
        "file": (place, elsewhere / "shapes.py"),
        "folder": (place.parent, elsewhere),
        "student": (place.parents[1], elsewhere.parent),
    }[swapped]
    at.rename(at.with_name("away"))
    at.symlink_to(to)

    assert "is a link" in refusal(place)


def test_a_folder_that_is_exchanged_once_it_is_open_is_still_the_one_that_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
):
    place.write_text("mine = 1\n")
    other = place.parents[2] / "bob"
    (other / "shapes").mkdir(parents=True)
    (other / "shapes" / "shapes.py").write_text("bobs = 1\n")
    real_open = os.open

    def exchange_after_the_student(path: str, flags: int, **where: int) -> int:
        opened = real_open(path, flags, **where)
        if path == "ann":
            place.parents[1].rename(place.parents[2] / "away")
            (place.parents[2] / "ann").symlink_to(other)
        return opened

    monkeypatch.setattr(reading.os, "open", exchange_after_the_student)

    assert read(place) == b"mine = 1\n"


def test_a_file_that_grows_while_it_is_read_is_refused_at_the_limit(
    place: Path, monkeypatch: pytest.MonkeyPatch
):
    place.write_bytes(b"x")
    real_read, sizes = os.read, []

    def grow_before_reading(opened: int, count: int) -> bytes:
        with place.open("ab") as file:
            file.write(b"x" * 40)
        sizes.append(count)
        return real_read(opened, min(count, 40))

    monkeypatch.setattr(reading.os, "read", grow_before_reading)

    assert "larger than" in refusal(place, max_bytes=100)
    assert len(sizes) == 3


def test_a_file_is_opened_and_read_once(place: Path, monkeypatch: pytest.MonkeyPatch):
    place.write_bytes(b"x" * 50)
    opened: list[str] = []
    real_open = os.open

    def count(path: str, flags: int, **where: int) -> int:
        opened.append(path)
        return real_open(path, flags, **where)

    monkeypatch.setattr(reading.os, "open", count)
    read(place)

    assert opened == [place.parents[2], *PARTS]


def test_a_second_name_of_a_file_of_the_same_owner_is_a_file(place: Path, tmp_path: Path):
    (tmp_path / "snapshot.py").write_text("x = 1\n")  # as `cp -al` leaves a whole class
    place.hardlink_to(tmp_path / "snapshot.py")

    assert read(place) == b"x = 1\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_a_second_name_of_somebody_elses_file_is_refused(place: Path, tmp_path: Path):
    (tmp_path / "solution.py").write_text("x = 1\n")
    place.hardlink_to(tmp_path / "solution.py")
    os.chown(place.parent, NOBODY, NOBODY)

    assert "is a hard link" in refusal(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_a_file_of_another_owner_with_one_name_is_read(place: Path):
    place.write_text("x = 1\n")  # collected by one person, unpacked by another
    os.chown(place.parent, NOBODY, NOBODY)

    assert read(place) == b"x = 1\n"


@pytest.mark.parametrize("make", [make_link_on_the_way, make_student_a_link])
def test_no_link_is_followed_to_list_a_folder(place: Path, make: Callable[[Path], None]):
    make(place)

    with pytest.raises(SubmissionError, match="is a link"):
        names_in_folder(place.parents[2], PARTS[:2])
