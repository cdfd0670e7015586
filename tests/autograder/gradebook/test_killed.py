"""A writer that is killed, at any moment: the same command then leaves what nothing would have."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest
import sqlalchemy

from autograder.gradebook.writer import GradebookWriter
from tests.autograder.gradebook import writing
from tests.autograder.gradebook.made import SPEC, api, contents, grade_by_hand, report, write

FIRST = (report("ada", area=1), report("bob"))
AGAIN = (report("ada", area=5), report("bob"), report("new", area=None))


class Moments:
    """Counts what reaches a database, statements and commits, and kills this process at one."""

    def __init__(self, fatal: int | None = None) -> None:
        self.seen, self.fatal = 0, fatal
        for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
            sqlalchemy.event.listen(sqlalchemy.Engine, event, self._see)

    def end(self) -> None:
        for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
            sqlalchemy.event.remove(sqlalchemy.Engine, event, self._see)

    def _see(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def grade(database: Path, notebook: Path) -> None:
    """The command that is killed and given again: two batches."""
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC, notebook) as writer:
        writer.write(AGAIN[:2])
        writer.write(AGAIN[2:])


def grade_and_die(database: Path, notebook: Path, fatal: int) -> None:
    Moments(fatal)
    grade(database, notebook)


@pytest.mark.parametrize("before", ["no file", "an empty gradebook", "a graded class"])
def test_killed_at_any_statement_or_commit_it_leaves_nothing_that_the_next_run_does_not_mend(
    tmp_path: Path, empty_gradebook: Path, notebook: Path, before: str
) -> None:
    def arranged(name: str) -> Path:
        path = tmp_path / f"{name}.db"
        if before != "no file":
            shutil.copy(empty_gradebook, path)
        if before == "a graded class":
            write(path, *FIRST, notebook=notebook)
            grade_by_hand(path, "ada", manual_score=3.0, extra_credit=1.0)
        return path

    undisturbed = arranged("undisturbed")
    moments = Moments()
    grade(undisturbed, notebook)
    moments.end()
    expected = contents(f"sqlite:///{undisturbed}")

    step = 1 + moments.seen // 15  # another one of the moments each time it is that many more
    for fatal in range(1, moments.seen + 1, step):
        path = arranged(f"killed-at-{fatal}")
        killed = multiprocessing.get_context("fork").Process(
            target=grade_and_die, args=(path, notebook, fatal)
        )
        killed.start()
        killed.join()
        assert killed.exitcode == -signal.SIGKILL

        grade(path, notebook)

        assert contents(f"sqlite:///{path}") == expected, fatal


@pytest.mark.parametrize("after", [None, "open", "15"])
def test_killed_from_outside_while_it_writes_it_leaves_what_the_next_run_completes(
    tmp_path: Path, notebook: Path, after: str | None
) -> None:
    undisturbed, path = tmp_path / "undisturbed.db", tmp_path / "gradebook.db"
    writing.write_class(f"sqlite:///{undisturbed}", notebook)
    process = writing.start(f"sqlite:///{path}", notebook)
    writing.begin(process)
    if after is not None:
        writing.wait_for(after, process)
    process.kill()
    process.communicate()

    writing.write_class(f"sqlite:///{path}", notebook)

    assert contents(f"sqlite:///{path}") == contents(f"sqlite:///{undisturbed}")


@pytest.mark.parametrize("left", ["empty file", "no version", "some tables", "empty version"])
def test_what_is_left_of_a_first_opening_that_was_killed_is_completed(
    tmp_path: Path, empty_gradebook: Path, notebook: Path, left: str
) -> None:
    path = tmp_path / "gradebook.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    if left == "empty file":
        path.touch()
    elif left == "some tables":
        for table in api.Base.metadata.sorted_tables[:5]:
            table.create(engine)
    else:
        api.Base.metadata.create_all(engine)
    if left == "empty version":
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    engine.dispose()

    write(path, *FIRST, notebook=notebook)

    write(
        whole := Path(shutil.copy(empty_gradebook, tmp_path / "whole.db")),
        *FIRST,
        notebook=notebook,
    )
    assert contents(f"sqlite:///{path}") == contents(f"sqlite:///{whole}")
    with api.Gradebook(f"sqlite:///{path}", "course") as gradebook:
        assert gradebook.find_submission("shapes", "ada").score == 5
