"""What --db may name, and what is said of what it may not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from autograder.errors import OperatorError
from autograder.gradebook.address import database_url
from autograder.gradebook.writer import GradebookWriter
from tests.autograder.gradebook.made import SPEC


@pytest.mark.parametrize("name", ["grades.db", "./a:b.db", "50%20off?mode=ro#1.db", "陈 晓明.db"])
def test_a_path_is_that_file_whatever_signs_are_in_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with GradebookWriter(database_url(name), "course", SPEC):
        pass

    assert [path.name for path in tmp_path.iterdir()] == [Path(name).name]
    with sqlite3.connect(tmp_path / name) as database:
        assert database.execute("select name from assignment").fetchall() == [("shapes",)]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_an_address_of_postgresql_gets_the_driver_that_we_install(scheme: str) -> None:
    assert database_url(f"{scheme}://me:pass@db/x") == "postgresql+psycopg2://me:pass@db/x"


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "sqlite:///grades.db", "sqlite:////srv/grades.db", "sqlite://?timeout=1",
     "sqlite:///file:/srv/x.db?mode=ro&uri=true", "postgresql+psycopg2://me@db/x", "mysql://db/x"],
)  # fmt: skip
def test_an_address_of_sqlalchemy_stays_as_it_is(address: str) -> None:
    assert database_url(address) == address


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("sqlite:grades.db", "--db sqlite:///grades.db"),
        ("sqlite://grades.db", "--db sqlite:///grades.db"),
        ("sqlite:/srv/grades.db", "--db sqlite:////srv/grades.db"),
    ],
)
def test_too_few_slashes_are_told_with_what_to_type(given: str, fix: str) -> None:
    with pytest.raises(OperatorError) as caught:
        database_url(given)

    assert str(caught.value).endswith(f"\n  fix: {fix}")
    assert database_url(fix.removeprefix("--db ")) == fix.removeprefix("--db ")


def test_a_folder_is_told_with_the_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=rf"is a folder\n  fix: --db {tmp_path}/gradebook.db"):
        database_url(str(tmp_path))


@pytest.mark.parametrize(
    "given",
    ["postgresql:me:hunter2@db/x", "postgresql+nodriver://me:hunter2@db/x", "http://me:hunter2@x/",
     "postgresql+psycopg2://me:hunter2@db:hunter2/x", "file:hunter2.db"],
)  # fmt: skip
def test_what_is_no_address_is_told_with_one_that_is_and_without_a_password(given: str) -> None:
    with pytest.raises(OperatorError, match=r"fix: .*postgresql\+psycopg2://USER@HOST") as caught:
        database_url(given)

    assert "hunter2" not in str(caught.value)
