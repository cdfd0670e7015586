"""An archive as a tree, member by member: nothing is unpacked to the disk, and nothing followed.

An archive says about itself what its maker likes. So names are judged before anything is read;
what is decompressed is counted, whatever the header says; only stored and deflated members are
read; and of members that share a name or their bytes, none is.
"""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from autograder.classroom.collecting.handed import Refused, Tree, too_large
from autograder.classroom.collecting.member_names import (
    colliding_names,
    cut,
    same_name,
    why_no_path,
)
from autograder.errors import SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

MAX_NESTED_BYTES = 64 * 2**20  # of an archive that a student handed in
_MAX_MEMBERS = 100_000  # of a class; of one student's, as many as the next line lets in
_MAX_DIRECTORY_BYTES = 16 * 2**20  # of a zip's central directory
_MAX_NESTED_DIRECTORY_BYTES = 2**20
_MAX_TOTAL_BYTES = 256 * 2**20  # decompressed, of one student's archive
_MAX_RATIO = 200  # a notebook comes to 5 to 20
_MAX_SAID = 2**16  # bytes that a tar says about one member, in no more than so many fields:
_MAX_FIELDS = 100
_RATIO_FROM = 2**20  # bytes: what is smaller may be as dense as it likes
_CHUNK = 2**16
_SAYING = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError, ValueError,
    OverflowError, RuntimeError, NotImplementedError, RecursionError, MemoryError, IndexError,
)  # fmt: skip


def is_archive(path: str) -> bool:
    """Whether the name is that of an archive which can be read here."""
    return path.casefold().endswith((".zip", ".tar", ".tar.gz", ".tgz"))


def open_archive(path: Path) -> Tree:
    """The archive of a class, at ``path``. Raises SubmissionError where it cannot be read."""
    shown = printable(path)
    try:
        file = path.open("rb")  # stays open as long as the tree
        if zipfile.is_zipfile(file):
            return _Zip(shown, file, _MAX_DIRECTORY_BYTES)
        file.seek(0)
        return _Tar(shown, file, 16 * _MAX_TOTAL_BYTES)
    except _BROKEN as error:
        raise _broken(shown, error) from error


def open_nested(shown: str, data: bytes) -> Tree:
    """The archive that a student handed in. Raises SubmissionError where it cannot be read."""
    try:
        if shown.casefold().endswith(".zip"):
            return _Zip(shown, io.BytesIO(data), _MAX_NESTED_DIRECTORY_BYTES)
        return _Tar(shown, io.BytesIO(data), _MAX_TOTAL_BYTES)
    except _BROKEN as error:
        raise _broken(shown, error) from error


def _broken(shown: str, error: BaseException) -> SubmissionError:
    return SubmissionError(
        _("{path}: is no archive that can be read: {why}\n  fix: pack it again, as a zip").format(
            path=printable(shown), why=printable(str(error)[:100] or type(error).__name__)
        )
    )


class _Bounded(io.RawIOBase):
    """A file of which no single read may be large: zipfile reads the whole directory in one."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._most + 1 if size < 0 else min(size, self._most + 1))
        if len(data) > self._most:
            raise zipfile.BadZipFile(_("its list of members is too long"))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


class _Zip:
    def __init__(self, shown: str, file: IO[bytes], most_directory: int) -> None:
        self._shown = shown
        self._left = _MAX_TOTAL_BYTES if most_directory < _MAX_DIRECTORY_BYTES else 2**60
        self._zip = zipfile.ZipFile(_Bounded(file, most_directory))
        entries = self._zip.infolist()
        if len(entries) > _MAX_MEMBERS:
            raise zipfile.BadZipFile(_("it has too many members"))
        shared = _sharing_bytes(entries)
        named = [(_zip_name(one), one) for one in entries]
        why = [
            _why_zip_member(name, one) or (_("overlaps another member") if one in shared else "")
            for name, one in named
        ]
        self._members = {}
        refused = []
        colliding = colliding_names([name for name, one in named if not one.is_dir()])
        for (name, one), reason in zip(named, why, strict=True):
            if one.is_dir() and not reason:
                continue
            reason = reason or (same_name() if name in colliding else "")
            if reason:
                refused.append(Refused(cut(name), reason))
            else:
                self._members[name] = one
        self.paths: Sequence[str] = tuple(sorted(self._members))
        self.refused: Sequence[Refused] = tuple(refused)

    def read(self, path: str, max_bytes: int) -> bytes:
        shown = f"{self._shown}: {path}" if self._shown else path
        try:
            with self._zip.open(self._members[path]) as member:
                data = _read_counted(member, max_bytes)
        except _BROKEN as error:
            raise _broken(shown, error) from error
        if len(data) > max_bytes:
            raise too_large(path, max_bytes)
        packed = max(1, self._members[path].compress_size)
        self._left -= len(data)
        if self._left < 0 or (len(data) > _RATIO_FROM and len(data) / packed > _MAX_RATIO):
            raise _bomb(path)
        return data


class _Tar:
    """Read once, from the front: what of it may be wanted is kept, within its bounds."""

    def __init__(self, shown: str, file: IO[bytes], most: int) -> None:
        magic = file.read(2)
        file.seek(0)
        plain = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if magic == b"\x1f\x8b" else file
        found: dict[str, bytes] = {}
        refused = []
        names = []
        with tarfile.open(
            fileobj=cast(IO[bytes], _Counted(plain, most)), mode="r|", errorlevel=0, tarinfo=_Member
        ) as archive:
            for number, one in enumerate(archive):
                if number >= _MAX_MEMBERS:
                    raise tarfile.ReadError(_("it has too many members"))
                if len(one.pax_headers) > _MAX_FIELDS:  # every further member gets a copy
                    raise tarfile.ReadError(_("it says too much about its members"))
                if one.isdir():
                    continue
                reason = _why_tar_member(one)
                if not reason:
                    names.append(one.name)
                    # Read now, since a stream does not go back; others are left where they are.
                    member = archive.extractfile(one) if _may_be_work(one.name) else None
                    found[one.name] = b"" if member is None else _read_counted(member, most)
                else:
                    refused.append(Refused(cut(one.name), reason))
        colliding = colliding_names(names)
        refused += [Refused(name, same_name()) for name in sorted(colliding)]
        self._found = {name: data for name, data in found.items() if name not in colliding}
        self.paths: Sequence[str] = tuple(sorted(self._found))
        self.refused: Sequence[Refused] = tuple(refused)

    def read(self, path: str, max_bytes: int) -> bytes:
        if len(self._found[path]) > max_bytes:
            raise too_large(path, max_bytes)
        return self._found[path]


class _Member(tarfile.TarInfo):
    """A member, of which no more is said than fits into memory many times over."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        try:
            one = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not any(buf):  # the end
                raise
            # tarfile would take it for the end, and members behind it would be lost.
            raise tarfile.ReadError(_("it is broken in the middle")) from error
        if one.size > _MAX_SAID and (one.type in _SAYING):
            raise tarfile.ReadError(_("it says too much about its members"))
        return one


class _Counted(io.RawIOBase):
    """What is decompressed, as long as it is not too much."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file = file
        self._left = left

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left + 1 if size < 0 else size)
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.ReadError(_("it comes to too much when it is decompressed"))
        return data

    def readable(self) -> bool:
        return True


def _may_be_work(name: str) -> bool:
    return name.casefold().endswith((".ipynb", ".py")) or is_archive(name)


def _read_counted(member: IO[bytes], max_bytes: int) -> bytes:
    """At most one byte more than ``max_bytes``, counted as it comes."""
    chunks = []
    left = max_bytes + 1
    while left > 0 and (chunk := member.read(min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _bomb(path: str) -> SubmissionError:
    return SubmissionError(
        _(
            "{path}: comes to so much more than was packed that no notebook is like it\n"
            "  fix: clear all outputs and hand it in again"
        ).format(path=printable(path))
    )


def _zip_name(one: zipfile.ZipInfo) -> str:
    """As it was written: zipfile cuts it at a NUL, and takes what is not marked for cp437."""
    name = one.orig_filename
    if not one.flag_bits & _UTF8:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name


def _why_zip_member(name: str, one: zipfile.ZipInfo) -> str:
    """Why the member is not read; "" where it may be."""
    kind = stat.S_IFMT(one.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return _("is a link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _("is no regular file")
    if why := why_no_path(name.removesuffix("/") if one.is_dir() else name):
        return why
    if one.is_dir():
        return ""
    if one.flag_bits & _ENCRYPTED:
        return _("is encrypted")
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _("is compressed in a way that is not read here")
    return ""


def _why_tar_member(one: tarfile.TarInfo) -> str:
    if one.issym() or one.islnk():
        return _("is a link")
    if not one.isreg() or one.issparse():
        return _("is no regular file")
    return why_no_path(one.name)


def _sharing_bytes(entries: Sequence[zipfile.ZipInfo]) -> set[zipfile.ZipInfo]:
    """Members whose bytes are another's too: a small file that unpacks to a disk full of them."""
    shared: set[zipfile.ZipInfo] = set()
    end, last = -1, None
    for one in sorted(entries, key=lambda one: one.header_offset):
        if last is not None and one.header_offset < end:
            shared |= {last, one}
        reach = one.header_offset + zipfile.sizeFileHeader + one.compress_size  # type: ignore[attr-defined] # a constant of the format
        if reach > end:
            end, last = reach, one
    return shared
