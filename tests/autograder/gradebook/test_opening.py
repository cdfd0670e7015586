"""Opening a gradebook: nbgrader's own schema, its owner's alone, in little time."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.gradebook.writer import GradebookWriter
from tests.autograder.gradebook.made import SPEC, api, contents, report, write


def test_a_new_gradebook_is_the_one_that_nbgrader_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside_python = str(Path(sys.executable).parent)  # where nbgrader's alembic is
    monkeypatch.setenv("PATH", beside_python + os.pathsep + os.environ.get("PATH", os.defpath))
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    api.Gradebook(f"sqlite:///{theirs}", "course").close()

    with GradebookWriter(f"sqlite:///{ours}", "course", SPEC):
        pass

    def schema(path: Path) -> list[tuple[str, str]]:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
        return sorted((name, " ".join((sql or "").split())) for name, sql in rows)

    assert schema(ours) == schema(theirs)
    version = contents(f"sqlite:///{theirs}")["alembic_version"]
    assert contents(f"sqlite:///{ours}")["alembic_version"] == version


def test_a_new_gradebook_is_its_owners_alone_and_another_one_stays_as_it_is(
    tmp_path: Path, empty_gradebook: Path
) -> None:
    shared = Path(shutil.copy(empty_gradebook, tmp_path / "shared.db"))
    shared.chmod(0o664)

    write(tmp_path / "new.db", report("ada"))
    write(shared, report("ada"))

    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(shared.stat().st_mode) == 0o664


def test_opening_what_is_there_already_writes_nothing(database: Path, notebook: Path) -> None:
    write(database, report("ada"), notebook=notebook)
    before = database.read_bytes()

    write(database, notebook=notebook)

    assert database.read_bytes() == before


def test_a_database_in_memory_works() -> None:
    with GradebookWriter("sqlite://", "course", SPEC) as writer:
        writer.write([report("ada")])
        writer.write([report("ada"), report("bob")])


def test_another_programs_version_stands_beside_nbgraders_tables(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('theirs')")

    write(path, report("ada"))
    write(path, report("ada"))

    assert contents(f"sqlite:///{path}")["alembic_version"] == [{"version_num": "theirs"}]


def test_loading_nbgrader_leaves_out_a_grammar_of_addresses_and_hides_it_from_nobody() -> None:
    code = (
        "from autograder.gradebook.database import nbgrader_api; nbgrader_api(); import sys;"
        "print('rfc3987_syntax' in sys.modules);"
        "import importlib.util as u; print(u.find_spec('rfc3987_syntax') is not None)"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert loaded.split() == ["False", "True"]


def test_loading_nbgrader_leaves_out_its_server_extensions_and_hides_them_from_nobody() -> None:
    code = (
        "from autograder.gradebook.database import nbgrader_api; nbgrader_api(); import sys;"
        "extensions = 'nbgrader.server_extensions';"
        "print(any(name.startswith(extensions + '.') for name in sys.modules));"
        "import nbgrader.server_extensions.formgrader as one;"
        "print(callable(one.load_jupyter_server_extension))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert loaded.split() == ["False", "True"]


def test_the_writer_reads_by_when_work_is_due(database: Path) -> None:
    write(database, report("ada"))
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.update_or_create_assignment("shapes", duedate="2026-10-01T16:00:00+00:00")
        gradebook.grant_extension("shapes", "ada", days=2)

    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        due = writer.deadlines()

    assert due.due is not None and due.due.isoformat() == "2026-10-01T16:00:00+00:00"
    assert {student: extension.days for student, extension in due.extensions.items()} == {"ada": 2}
