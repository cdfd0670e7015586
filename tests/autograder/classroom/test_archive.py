"""Archives that were made to do harm, or by programs with ideas of their own."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from autograder.classroom.collecting.archive import open_archive, open_nested
from autograder.classroom.collecting.handed import Tree
from autograder.errors import SubmissionError

GOOD = b"print('work')\n"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], deflate: bool = True) -> bytes:
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members with one name
        with zipfile.ZipFile(file, "w", kind) as archive:
            for name, data in members:
                archive.writestr(name, data)
    return file.getvalue()


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def refused(tree: Tree) -> dict[str, str]:
    return {one.path: one.why for one in tree.refused}


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py", "a/../../evil.py", "/etc/evil.py", "C:/evil.py", "c:evil.py",
        "a\\..\\evil.py", "\\\\host\\evil.py", "a//evil.py", "./evil.py",
        "a\nb.py", "evil\u202epy.ipynb",
        ".git/hooks/x.py", ".GIT/config.py", "git~1/x.py", ".git /x.py", "x/.git/y.py", "con|.py",
        "n" * 300 + ".py",
    ],
)  # fmt: skip
def test_a_member_whose_name_leads_elsewhere_is_listed_and_the_rest_is_read(name: str) -> None:
    tree = open_nested("x.zip", zipped((name, b"evil"), ("good.py", GOOD)))

    assert tree.paths == ("good.py",) and tree.read("good.py", 100) == GOOD
    assert len(tree.refused) == 1


def test_a_name_that_is_cut_at_a_nul_is_listed() -> None:
    data = zipped(("evil.py\x01.txt", b"evil"), ("good.py", GOOD)).replace(b"\x01.txt", b"\x00.txt")

    tree = open_nested("x.zip", data)

    assert tree.paths == ("good.py",) and len(tree.refused) == 1


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644, 0o140755])
def test_a_link_or_device_in_an_archive_is_listed_and_not_followed(mode: int) -> None:
    tree = open_nested(
        "x.zip", zipped((member("evil.py", mode), b"/etc/passwd"), ("good.py", GOOD))
    )

    assert tree.paths == ("good.py",) and list(refused(tree)) == ["evil.py"]


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "a.py"), ("a.py", "A.py"), ("é.py", "e\u0301.py"), ("ﬁ.py", "fi.py"),
        ("a", "a/b.py"), ("Ａ.py", "a.py"), ("ß.py", "SS.py"),
    ],
)  # fmt: skip
def test_of_members_that_some_disk_takes_for_one_none_is_read(names: tuple[str, str]) -> None:
    tree = open_nested("x.zip", zipped((names[0], b"1"), (names[1], b"2"), ("good.py", GOOD)))

    assert tree.paths[0] == "good.py" or "good.py" in tree.paths
    assert names[0] not in tree.paths


def test_a_bomb_is_not_unpacked() -> None:
    tree = open_nested("x.zip", zipped(("bomb.py", bytes(50 * 2**20)), ("good.py", GOOD)))

    with pytest.raises(SubmissionError, match=r"bomb\.py: is larger than 1 MiB\n  fix: "):
        tree.read("bomb.py", 2**20)
    assert tree.read("good.py", 2**20) == GOOD


def test_a_file_that_is_too_dense_for_a_notebook_is_refused_below_the_cap_too() -> None:
    tree = open_nested("x.zip", zipped(("dense.py", bytes(4 * 2**20))))

    with pytest.raises(SubmissionError, match="no notebook is like it"):
        tree.read("dense.py", 16 * 2**20)


@pytest.mark.parametrize("claimed", [0, 3])
def test_what_is_decompressed_counts_and_not_what_the_header_says(claimed: int) -> None:
    data = bytearray(zipped(("lies.py", GOOD * 100), ("good.py", GOOD)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", claimed)
    tree = open_nested("x.zip", bytes(data))

    with pytest.raises(SubmissionError, match="fix: "):
        tree.read("lies.py", 5_000)
    assert tree.read("good.py", 5_000) == GOOD


def test_a_broken_checksum_is_seen() -> None:
    data = bytearray(zipped(("bad.py", GOOD), ("good.py", GOOD), deflate=False))
    data[data.index(GOOD)] ^= 1
    tree = open_nested("x.zip", bytes(data))

    with pytest.raises(SubmissionError, match=r"bad\.py.*\n  fix: "):
        tree.read("bad.py", 100)
    assert tree.read("good.py", 100) == GOOD


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_listed(kind: int) -> None:
    info = zipfile.ZipInfo("odd.py")
    info.compress_type = kind
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, GOOD)

    assert list(refused(open_nested("x.zip", file.getvalue()))) == ["odd.py"]


def test_an_encrypted_member_is_listed() -> None:
    data = bytearray(zipped(("secret.py", GOOD), ("good.py", GOOD)))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1

    tree = open_nested("x.zip", bytes(data))

    assert tree.paths == ("good.py",) and list(refused(tree)) == ["secret.py"]


def test_members_that_share_their_bytes_are_not_read() -> None:
    """One deflated kernel behind many names: small on the disk, endless when unpacked."""
    data = bytearray(zipped(("a.py", GOOD), ("b.py", GOOD), ("good.py", GOOD)))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]

    tree = open_nested("x.zip", bytes(data))

    assert tree.paths == ("good.py",) and set(refused(tree)) == {"a.py", "b.py"}


def test_a_list_of_a_million_members_is_not_read() -> None:
    entry = (
        struct.pack(
            "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
        )
        + b"a"
    )
    directory = entry * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 0, 0)

    with pytest.raises(SubmissionError, match=r"too long\n  fix: "):
        open_nested("x.zip", directory + end)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"PK\x05\x06", b"PK\x03\x04" + bytes(100), b"hello", zipped(("a.py", GOOD))[:-10],
        zipped(("a.py", GOOD)) + b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + b"\xff" * 18,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_what_is_no_archive_is_said_to_be_none(name: str, data: bytes) -> None:
    with pytest.raises(SubmissionError, match=r"\n  fix: "):
        tree = open_nested(name, data)
        if not tree.paths:
            raise SubmissionError("empty\n  fix: hand in a file")  # an empty tar is a tar
        tree.read(tree.paths[0], 100)


def tarred(*members: tarfile.TarInfo | tuple[str, bytes], mode: str = "w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for one in members:
            if isinstance(one, tuple):
                info = tarfile.TarInfo(one[0])
                info.size = len(one[1])
                archive.addfile(info, io.BytesIO(one[1]))
            else:
                archive.addfile(one)
    return file.getvalue()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_listed(kind: bytes) -> None:
    evil = tarfile.TarInfo("evil.py")
    evil.type, evil.linkname = kind, "/etc/passwd"

    tree = open_nested("x.tar.gz", tarred(evil, ("good.py", GOOD), ("../out.py", b"x")))

    assert tree.paths == ("good.py",) and tree.read("good.py", 100) == GOOD
    assert set(refused(tree)) == {"evil.py", "../out.py"}


def test_a_tar_of_a_large_file_nobody_wants_is_refused_when_it_is_too_much() -> None:
    info = tarfile.TarInfo("data.bin")
    info.size = 300 * 2**20
    packed = zlib.compress(info.tobuf() + bytes(300 * 2**20), 1, wbits=31)

    with pytest.raises(SubmissionError, match="too much"):
        open_nested("x.tgz", packed)


def test_names_that_are_not_marked_as_utf8_are_read_as_such_where_they_can_be(
    tmp_path: Path,
) -> None:
    data = zipped(("chen_1_2_陈.py", GOOD))
    data = data.replace(struct.pack("<H", 0x800) + b"\x08\x00", b"\0\0\x08\0")
    (tmp_path / "class.zip").write_bytes(data)

    assert open_archive(tmp_path / "class.zip").paths == ("chen_1_2_陈.py",)


def test_a_name_of_thousands_of_folders_is_not_taken_apart() -> None:
    tree = open_nested("x.zip", zipped(("a/" * 30_000 + "x.py", b""), ("good.py", GOOD)))

    assert tree.paths == ("good.py",)
    assert [len(one.path) < 200 for one in tree.refused] == [True]


@pytest.mark.parametrize("folders", [30_000, 400_000])
def test_a_tar_that_says_a_megabyte_about_a_member_is_not_believed(folders: int) -> None:
    data = tarred(("a/" * folders + "x.py", b""), ("good.py", GOOD))

    try:
        paths = open_nested("x.tar.gz", data).paths
    except SubmissionError:
        paths = ()

    assert set(paths) <= {"good.py"}


def test_a_tar_that_says_something_about_every_member_is_refused() -> None:
    file = io.BytesIO()
    said = {f"k{number}": "v" for number in range(1_000)}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT, pax_headers=said) as one:
        one.addfile(tarfile.TarInfo("x.py"))

    with pytest.raises(SubmissionError, match="says too much"):
        open_nested("x.tar", file.getvalue())


@pytest.mark.parametrize("cut", [True, False])
def test_a_tar_that_breaks_off_is_refused_and_not_taken_for_whole(cut: bool) -> None:
    data = bytearray(tarred(("readme.txt", b"x"), ("work.py", GOOD), mode="w"))
    data[1024:1124] = b"Z" * 100  # the header of work.py

    with pytest.raises(SubmissionError, match="broken in the middle"):
        open_nested("x.tar", bytes(data[:1300] if cut else data))
