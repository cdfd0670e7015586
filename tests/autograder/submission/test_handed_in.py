"""When a submission was handed in: nbgrader's timestamp.txt, which students can write."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submission.handed_in import HandedIn, as_utc, handed_in

NOON = "2026-10-01T12:00:00+00:00"


@pytest.fixture
def timestamp(tmp_path: Path) -> Path:
    """Where ann's timestamp.txt belongs; it is not there yet."""
    folder = tmp_path / "ann" / "shapes"
    folder.mkdir(parents=True)
    return folder / "timestamp.txt"


def read(timestamp: Path) -> HandedIn:
    return handed_in(timestamp.parents[2], "ann", "shapes")


# ---- times --------------------------------------------------------------------------------------


def test_a_time_as_nbgrader_writes_it_is_read_to_the_microsecond(timestamp: Path) -> None:
    timestamp.write_text("2015-02-02 15:58:23.948203 UTC")

    assert read(timestamp) == HandedIn("2015-02-02T15:58:23.948203+00:00", "timestamp.txt")


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01 12:00:00 UTC",
        "2026-10-01 12:00:00 GMT",
        "2026-10-01T12:00:00Z",
        "2026-10-01T12:00:00+00:00",
        "2026-10-01T20:00:00+08:00",
        "2026-10-01T20:00+08",
        "2026-10-01 20:00:00.000000 +0800",
        "2026-10-01 06:30:00-05:30",
        "\ufeff2026-10-01 12:00:00 UTC\r\n",
        "  2026-10-01 12:00:00.0000000 UTC\n\n",
    ],
)
def test_every_way_to_write_a_time_with_its_zone_is_the_same_moment(
    timestamp: Path, text: str
) -> None:
    timestamp.write_text(text, encoding="utf-8")

    assert read(timestamp) == HandedIn(NOON, "timestamp.txt")


def test_a_time_without_a_zone_is_utc_as_in_all_of_nbgraders_files(timestamp: Path) -> None:
    timestamp.write_text("2026-10-01 12:00:00")

    assert read(timestamp).submitted_at == NOON


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 15:58:23.948203 UTC",
        "2026-10-01 12:00:00",
        "2026-10-01 12:00:00.5 GMT",
        "2026-10-01T20:00:00+08:00",
        "2026-10-01 20:00:00.25+0800",
    ],
)
def test_nbgrader_reads_the_same_moment(timestamp: Path, text: str) -> None:
    utils = pytest.importorskip("nbgrader.utils", reason="nbgrader is in the extra `grade`")
    timestamp.write_text(text)

    ours = datetime.datetime.fromisoformat(read(timestamp).submitted_at or "")

    assert ours.replace(tzinfo=None) == utils.parse_utc(text)


def test_a_time_of_an_instructor_in_another_zone_becomes_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-7))

    moment = as_utc(datetime.datetime(2026, 10, 1, 5, tzinfo=zone))

    assert moment.isoformat() == NOON


# ---- what is not known --------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["ann/shapes", "ann", "."])
def test_without_a_file_it_is_not_known_and_that_is_no_problem(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)

    assert handed_in(tmp_path, "ann", "shapes") == HandedIn(None, None, "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"yesterday",
        b"2026-10-01",  # its first minute, or its last?
        b"2026-10-01 12:00:00 CST",  # five zones are called so
        b"2026-10-01 12:00:00 local",
        b"2026-13-01 12:00:00 UTC",
        b"2026-02-30 12:00:00 UTC",
        b"2026-10-01 25:00:00 UTC",
        b"2026-10-01T12:00:00+99:00",
        b"9999-12-31T23:59:59-01:00",  # in UTC it is after all that can be written
        b"0001-01-01T00:00:00+01:00",
        "２０２６-10-01 12:00:00 UTC".encode(),
        b"2026-10-01 12:00:00 UTC\n2026-10-01 12:00:00 UTC",
        b"1790856000",
        b"\xff\xfe2\x000\x00",
        b"\x00" * 100,
        b"2" * 1000,
        b"2" * (2**20 + 1),
    ],
)
def test_what_is_no_time_is_not_known_and_the_instructor_reads_why(
    timestamp: Path, data: bytes
) -> None:
    timestamp.write_bytes(data)

    found = read(timestamp)

    assert (found.submitted_at, found.source) == (None, None)
    assert found.problem.startswith("ann/shapes/timestamp.txt: ")
    assert "\n  fix: put a file there" in found.problem
    assert found.problem.count("\n") == 1
    assert len(found.problem) < 500


def test_what_the_file_says_is_shown_without_what_a_terminal_would_obey(timestamp: Path) -> None:
    timestamp.write_text("now\x1b[2J\n::error::2026")

    problem = read(timestamp).problem

    assert "\x1b" not in problem
    assert "says “now\\x1b[2J\\n::error::2026”" in problem


def test_a_link_to_a_time_is_not_followed(timestamp: Path, tmp_path: Path) -> None:
    (tmp_path / "early.txt").write_text("2026-01-01 00:00:00 UTC")
    timestamp.symlink_to(tmp_path / "early.txt")

    found = read(timestamp)

    assert found.submitted_at is None
    assert "is a link" in found.problem


def test_a_folder_that_is_a_link_is_not_followed(timestamp: Path, tmp_path: Path) -> None:
    timestamp.write_text("2026-01-01 00:00:00 UTC")
    (tmp_path / "bob").symlink_to(tmp_path / "ann")

    found = handed_in(tmp_path, "bob", "shapes")

    assert found.submitted_at is None
    assert "bob/shapes/timestamp.txt: is a link" in found.problem


def test_a_pipe_is_not_waited_for(timestamp: Path) -> None:
    os.mkfifo(timestamp)

    assert "is no regular file but a pipe" in read(timestamp).problem


def test_a_folder_in_its_place_is_a_problem_and_no_crash(timestamp: Path) -> None:
    timestamp.mkdir()

    assert "is no regular file but a folder" in read(timestamp).problem


def test_the_fix_for_a_file_that_is_too_large_is_not_the_one_for_a_notebook(
    timestamp: Path,
) -> None:
    timestamp.write_bytes(b" " * 2**21)

    problem = read(timestamp).problem

    assert "larger than 1 MiB" in problem
    assert "outputs" not in problem


@given(data=st.binary(max_size=60) | st.text("0123456789-:. +TZUCGM", max_size=40).map(str.encode))
def test_no_content_of_the_file_is_more_than_a_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    (folder / "ann" / "shapes").mkdir(parents=True, exist_ok=True)
    (folder / "ann" / "shapes" / "timestamp.txt").write_bytes(data)

    found = handed_in(folder, "ann", "shapes")

    assert (found.submitted_at is None) == bool(found.problem)
    assert (found.source is None) == bool(found.problem)


@given(
    written=st.datetimes(datetime.datetime(1, 1, 3), datetime.datetime(9999, 12, 29)),
    offset_minutes=st.integers(-23 * 60, 23 * 60),
)
def test_every_time_in_iso_8601_is_read_as_the_moment_it_is(
    tmp_path_factory: pytest.TempPathFactory, written: datetime.datetime, offset_minutes: int
) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=offset_minutes))
    moment = written.replace(tzinfo=zone)
    folder = tmp_path_factory.getbasetemp() / "iso"
    (folder / "ann" / "shapes").mkdir(parents=True, exist_ok=True)
    (folder / "ann" / "shapes" / "timestamp.txt").write_text(moment.isoformat())

    found = handed_in(folder, "ann", "shapes").submitted_at or ""

    assert datetime.datetime.fromisoformat(found) == moment
    assert found.endswith("+00:00")
