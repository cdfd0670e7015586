"""The gradebook on PostgreSQL: the rows of SQLite, and several who write at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from autograder.errors import AuthorError, OperatorError
from autograder.gradebook import database as gradebook_database
from autograder.gradebook.writer import GradebookWriter
from autograder.spec import Exercise
from tests.autograder.gradebook import postgresql, writing
from tests.autograder.gradebook.made import SPEC, api, contents, report

pytest.importorskip("psycopg2", reason="it is in the extra `postgres`")


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not installed: apt-get install postgresql")
    with postgresql.running(programs) as running:
        yield running


@pytest.fixture
def url(server: postgresql.Server) -> str:
    return server.new_database()


def test_a_class_leaves_the_rows_that_it_leaves_in_sqlite(
    url: str, database: Path, notebook: Path
) -> None:
    for address in (url, f"sqlite:///{database}"):
        writing.write_class(address, notebook)
        with sqlalchemy.create_engine(address).begin() as connection:
            connection.exec_driver_sql("UPDATE grade SET manual_score = 3 WHERE auto_score = 2")
        again = [report(f"s{number:02}", area=6, late_penalty=0.5) for number in range(0, 45, 2)]
        writing.write_class(address, notebook, tuple(again))

    assert contents(url) == contents(f"sqlite:///{database}")


def test_nbgraders_own_calls_read_what_is_written(url: str, notebook: Path) -> None:
    writing.write_class(url, notebook)

    with api.Gradebook(url, "course") as gradebook:
        assert gradebook.find_assignment("shapes").num_submissions == 40
        assert gradebook.find_submission("shapes", "s01").score == 2
        assert gradebook.find_submission("shapes", "s09").needs_manual_grade is True


def test_two_writers_who_begin_at_once_leave_what_one_leaves(
    server: postgresql.Server, notebook: Path
) -> None:
    url, alone = server.new_database(), server.new_database()
    writing.write_class(alone, notebook)
    writers = [writing.start(url, notebook) for _ in range(2)]

    for writer in writers:
        writing.begin(writer)
    said = [writer.communicate()[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], said
    assert contents(url) == contents(alone)


def test_a_killed_writer_leaves_what_the_next_one_completes(
    server: postgresql.Server, notebook: Path
) -> None:
    url, alone = server.new_database(), server.new_database()
    writing.write_class(alone, notebook)
    writer = writing.start(url, notebook)
    writing.begin(writer)
    writing.wait_for("10", writer)
    writer.kill()
    writer.communicate()

    writing.write_class(url, notebook)

    assert contents(url) == contents(alone)


def test_nbgraders_half_made_schema_is_completed(url: str, notebook: Path) -> None:
    api.Base.metadata.create_all(sqlalchemy.create_engine(url))

    writing.write_class(url, notebook)

    assert len(contents(url)["alembic_version"]) == 1


def test_a_lost_connection_is_made_again_for_the_next_batch(
    server: postgresql.Server, url: str
) -> None:
    with GradebookWriter(url, "course", SPEC) as writer:
        writer.write([report("ada")])
        with contextlib.closing(server.connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ '^grades'"
            )
        writer.write([report("bob")])

    assert [row["id"] for row in contents(url)["student"]] == ["ada", "bob"]


def test_another_programs_long_transaction_is_an_operators_error_and_nothing_is_half_done(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook_database, "LOCK_SECONDS", 0.05)
    with GradebookWriter(url, "course", SPEC) as writer:
        writer.write([report("ada", area=1), report("bob", area=1)])
        before = contents(url)
        with sqlalchemy.create_engine(url).connect() as other:
            other.exec_driver_sql("UPDATE grade SET manual_score = 2 WHERE auto_score = 1")
            with pytest.raises(OperatorError, match=r"(?s)lock timeout.*\n  fix: close what else"):
                writer.write([report("ada", area=2), report("new")])
        assert contents(url) == before
        writer.write([report("ada", area=2)])

    assert contents(url) != before


def test_other_exercises_are_refused_there_too(url: str) -> None:
    with GradebookWriter(url, "course", SPEC) as writer:
        writer.write([report("ada")])
    other = type(SPEC)(title="T", name="shapes", exercises=(Exercise("area", "The area", 8),))

    with pytest.raises(AuthorError, match="area: has 8 points, was graded with 6"):
        GradebookWriter(url, "course", other).__enter__()


def test_a_name_that_the_database_has_no_room_for_is_an_operators_error(url: str) -> None:
    with (
        GradebookWriter(url, "course", SPEC) as writer,
        pytest.raises(OperatorError, match=r"(?s)too long.*\n  fix: give what is that long"),
    ):
        writer.write([report("s" * 129)])


def test_tables_of_an_older_nbgrader_are_an_operators_error_that_names_the_upgrade(
    url: str,
) -> None:
    with GradebookWriter(url, "course", SPEC), sqlalchemy.create_engine(url).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE student DROP COLUMN lms_user_id")

    with pytest.raises(OperatorError, match=r"(?s)does not exist.*\n  fix: nbgrader db upgrade"):
        GradebookWriter(url, "course", SPEC).__enter__()


def test_a_user_who_may_only_read_is_told_before_anything_is_graded(
    server: postgresql.Server, url: str
) -> None:
    with GradebookWriter(url, "course", SPEC), sqlalchemy.create_engine(url).begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS reader")
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")

    with pytest.raises(OperatorError, match=r"(?s)permission denied.*\n  fix: let its user write"):
        GradebookWriter(url.replace("tester", "reader"), "course", SPEC).__enter__()


def test_a_server_that_does_not_answer_is_an_operators_error(tmp_path: Path) -> None:
    address = f"postgresql+psycopg2://tester:hunter2@/grades?host={tmp_path}"

    with pytest.raises(OperatorError, match=r"(?s)\n  fix: see that the address") as caught:
        GradebookWriter(address, "course", SPEC).__enter__()

    assert "hunter2" not in str(caught.value)


def test_a_server_without_such_a_database_is_an_operators_error(url: str) -> None:
    missing = url.replace("/grades", "/no-grades")

    with pytest.raises(OperatorError, match=r'(?s)"no-grades.*\n  fix: see that the address'):
        GradebookWriter(missing, "course", SPEC).__enter__()
