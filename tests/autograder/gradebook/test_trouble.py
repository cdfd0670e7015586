"""A gradebook that cannot be used: what is said, and what stays."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy

from autograder.errors import OperatorError
from autograder.gradebook import database as gradebook_database
from autograder.gradebook.writer import GradebookWriter
from tests.autograder.gradebook.made import (
    SPEC,
    contents,
    grades,
    report,
    write,
)


def test_a_read_only_database_is_an_operators_error_before_anything_is_graded(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///file:{database}?mode=ro&uri=true"
    write(database, report("ada"))
    before = database.read_bytes()

    with (
        pytest.raises(OperatorError, match=rf"(?s){database}: .*readonly.*\n  fix: make the file"),
        GradebookWriter(url, "course", SPEC),
    ):
        pytest.fail("it opened")

    assert database.read_bytes() == before
    assert caplog.text == ""


def test_a_database_that_someone_else_holds_is_an_operators_error_and_works_after_that(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with GradebookWriter(f"sqlite:///{database}?timeout=0.05", "course", SPEC) as writer:
        other = sqlite3.connect(database)
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(OperatorError, match=r"(?s)is locked\n  fix: close") as caught:
            writer.write([report("ada")])
        other.close()
        writer.write([report("ada")])

    assert grades(database, "ada")["area"]["auto_score"] == 6
    assert "ada" not in str(caught.value)
    assert caplog.text == ""


def test_a_database_that_someone_else_holds_for_a_while_is_waited_for(database: Path) -> None:
    other = sqlite3.connect(database, check_same_thread=False)
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, other.rollback)
        release.start()
        writer.write([report("ada")])
        release.join()
    other.close()

    assert grades(database, "ada")["area"]["auto_score"] == 6


def test_a_held_database_is_told_at_the_opening_too(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook_database, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect(database)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperatorError, match=r"(?s)is locked\n  fix: close"):
        GradebookWriter(f"sqlite:///{database}", "course", SPEC).__enter__()

    other.close()


def full_database(_database: Path) -> Callable[[], None]:
    """Let no database have another page; what is returned takes that back."""

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # means: none more than there are

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", fill)
    return lambda: sqlalchemy.event.remove(sqlalchemy.Engine, "connect", fill)


def disk_that_takes_no_more(database: Path) -> Callable[[], None]:
    """Let no file of this process grow beyond the database; what is returned takes that back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (database.stat().st_size, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("fill", [full_database, disk_that_takes_no_more])
def test_a_full_disk_is_an_operators_error_and_nothing_is_half_done(
    database: Path, fill: Callable[[Path], Callable[[], None]]
) -> None:
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        writer.write([report("ada", area=1)])
        before = contents(f"sqlite:///{database}")
        batch = [report("ada"), *(report(f"s{number:03}") for number in range(300))]
        make_room = fill(database)
        try:
            with pytest.raises(OperatorError, match=r"(?s)full|disk I/O.*\n  fix: make room"):
                writer.write(batch)
        finally:
            make_room()
        assert contents(f"sqlite:///{database}") == before
        writer.write(batch)

    assert len(contents(f"sqlite:///{database}")["student"]) == 301


def test_a_disk_that_is_full_at_the_first_opening_does_not_hinder_the_next_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gradebook.db"
    path.touch()
    make_room = disk_that_takes_no_more(path)
    try:
        with pytest.raises(OperatorError, match=r"(?s)full|disk I/O.*\n  fix: make room"):
            write(path, report("ada"))
    finally:
        make_room()

    write(path, report("ada"))

    assert grades(path, "ada")["area"]["auto_score"] == 6


def test_a_gradebook_of_an_older_nbgrader_is_an_operators_error_that_names_the_upgrade(
    database: Path,
) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("ALTER TABLE submitted_notebook DROP COLUMN late_submission_penalty")

    with pytest.raises(OperatorError, match=r"(?s)no such column.*\n  fix: nbgrader db upgrade"):
        write(database, report("ada"))


def test_a_file_that_is_no_database_is_an_operators_error_and_stays_as_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gradebook.db"
    path.write_bytes(b"no database" * 100)

    with pytest.raises(OperatorError, match=r"(?s)gradebook\.db: .*\n  fix: put your backup"):
        write(path, report("ada"))

    assert path.read_bytes() == b"no database" * 100


def test_a_missing_folder_is_an_operators_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"(?s)nowhere/gradebook\.db: .*\n  fix: make its fol"):
        write(tmp_path / "nowhere" / "gradebook.db")


def test_the_error_names_a_server_without_its_password() -> None:
    writer = GradebookWriter("postgresql+nodriver://me:hunter2@db/grades", "course", SPEC)

    with pytest.raises(OperatorError, match=r"(?s)me:\*\*\*@db/grades: .*\n  fix: ") as caught:
        writer.__enter__()

    assert "hunter2" not in str(caught.value)


def test_a_missing_nbgrader_is_an_operators_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)

    with pytest.raises(OperatorError, match=r"fix: pip install 'convcourse\[grade\]'"):
        write(tmp_path / "gradebook.db")


def test_importing_the_gradebook_loads_neither_nbgrader_nor_sqlalchemy() -> None:
    code = "import autograder.gradebook.writer, sys; print(sorted(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert "'nbgrader" not in loaded
    assert "'sqlalchemy" not in loaded
    assert "'torch" not in loaded


def test_a_new_gradebook_opens_without_the_venvs_bin_on_the_path_and_leaves_the_path_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    write(tmp_path / "gradebook.db", report("ada"))

    assert grades(tmp_path / "gradebook.db", "ada")["area"]["auto_score"] == 6
    assert os.environ["PATH"] == "/usr/bin:/bin"
