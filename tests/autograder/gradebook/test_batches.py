"""Batch after batch: the rows that nbgrader's own API makes, with as few queries for many."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy

from autograder.errors import OperatorError
from autograder.gradebook.comments import comment_on
from autograder.gradebook.writer import GradebookWriter
from autograder.report import Report, student_view
from tests.autograder.gradebook import writing
from tests.autograder.gradebook.made import (
    SPEC,
    api,
    contents,
    grade_by_hand,
    grades,
    released_notebook,
    report,
    write,
)

# nbgrader's own add_submission is told so by SQLAlchemy; nothing of ours is.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")

FIRST = (
    report("ada", area=1, late_penalty=2.5),
    report("bob", area=None, submitted_at="2026-10-01T20:00:00.25+08:00"),
    report("李雷", area=0, edges=0, submitted_at=None),
)
AGAIN = (
    report("ada", area=5, submitted_at="2026-10-03T00:00:00Z"),
    report("bob"),
    report("李雷", area=0, edges=1, submitted_at=None, late_penalty=1),
    report("new"),
)


def write_with_nbgrader(database: Path, *reports: Report) -> None:
    """What this writer does, in nbgrader's own calls, one row at a time."""
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        for one in reports:
            put_with_nbgrader(gradebook, one)
        gradebook.db.commit()


def register_with_nbgrader(database: Path) -> None:
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.update_or_create_assignment("shapes")
        gradebook.update_or_create_notebook(
            "shapes",
            "shapes",
            kernelspec=msgspec.json.encode(released_notebook()["metadata"]["kernelspec"]).decode(),  # type: ignore[index]
        )
        for part in SPEC.exercises:
            for name, locked in ((f"{part.name}-code", False), (part.name, True)):
                gradebook.update_or_create_source_cell(
                    name, "shapes", "shapes",
                    cell_type="code", source="pass\npass", locked=locked, checksum="c",
                )  # fmt: skip
            gradebook.update_or_create_grade_cell(
                part.name, "shapes", "shapes", max_score=part.points, cell_type="code"
            )
            gradebook.update_or_create_solution_cell(f"{part.name}-code", "shapes", "shapes")


def put_with_nbgrader(gradebook: Any, one: Report) -> None:
    where = ("shapes", "shapes", one.student)
    handed_in = one.submission.submitted_at
    timestamp = (
        None
        if handed_in is None
        else datetime.datetime.fromisoformat(handed_in)
        .astimezone(datetime.UTC)
        .replace(tzinfo=None)
    )
    gradebook.update_or_create_student(one.student)
    submission = gradebook.update_or_create_submission("shapes", one.student, timestamp=timestamp)
    is_other_file = submission.timestamp != timestamp
    submission.timestamp = timestamp
    gradebook.find_submission_notebook(*where).late_submission_penalty = one.late_penalty
    for part in one.exercises:
        grade = gradebook.find_grade(part.name, *where)
        if grade.manual_score is None:
            grade.needs_manual_grade = part.score is None
        elif is_other_file or grade.auto_score != part.score:
            grade.needs_manual_grade = True
        grade.auto_score = part.score
    titles = {part.name: part.title for part in SPEC.exercises}
    for part in student_view(one).exercises:
        comment = gradebook.find_comment(f"{part.name}-code", *where)
        comment.auto_comment = comment_on(part, titles[part.name])
    gradebook.db.commit()


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that reaches a database inside, statement by statement."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement.split()[0])

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", see)


def test_every_row_and_column_is_what_nbgraders_own_calls_leave(
    tmp_path: Path, empty_gradebook: Path, notebook: Path
) -> None:
    ours = Path(shutil.copy(empty_gradebook, tmp_path / "ours.db"))
    theirs = Path(shutil.copy(empty_gradebook, tmp_path / "theirs.db"))
    register_with_nbgrader(theirs)

    write(ours, *FIRST, notebook=notebook)
    write_with_nbgrader(theirs, *FIRST)

    assert contents(f"sqlite:///{ours}") == contents(f"sqlite:///{theirs}")


def test_a_rewrite_leaves_what_nbgraders_own_calls_leave_of_what_people_gave_too(
    tmp_path: Path, empty_gradebook: Path, notebook: Path
) -> None:
    ours = Path(shutil.copy(empty_gradebook, tmp_path / "ours.db"))
    write(ours, *FIRST, notebook=notebook)
    grade_by_hand(ours, "ada", manual_score=3.0, extra_credit=1.0)
    with api.Gradebook(f"sqlite:///{ours}", "course") as gradebook:
        gradebook.find_comment("area-code", "shapes", "shapes", "ada").manual_comment = "well done"
        gradebook.add_student("enrolled", first_name="No", last_name="Submission")
        gradebook.db.commit()
    theirs = Path(shutil.copy(ours, tmp_path / "theirs.db"))

    write(ours, *AGAIN, notebook=notebook)
    write_with_nbgrader(theirs, *AGAIN)

    assert contents(f"sqlite:///{ours}") == contents(f"sqlite:///{theirs}")


@pytest.mark.parametrize("kind", ["new", "other", "unchanged"])
def test_fifty_reports_take_as_many_queries_as_five(
    tmp_path: Path, empty_gradebook: Path, notebook: Path, kind: str
) -> None:
    def queries(count: int) -> int:
        database = Path(shutil.copy(empty_gradebook, tmp_path / f"{count}.db"))
        names = [f"s{number:02}" for number in range(count)]
        batch = [report(name, area=6 if kind == "other" else 1) for name in names]
        if kind != "new":
            write(database, *(report(name, area=1) for name in names), notebook=notebook)
        url = f"sqlite:///{database}"
        with GradebookWriter(url, "course", SPEC, notebook) as writer, statements() as seen:
            writer.write(batch)
        assert seen
        return len(seen)

    assert queries(50) == queries(5) <= 20


def test_where_all_is_there_already_nothing_is_written_and_nobody_is_waited_for(
    database: Path, notebook: Path
) -> None:
    write(database, *FIRST, notebook=notebook)
    grade_by_hand(database, "ada", manual_score=3.0)
    before = database.read_bytes()

    with GradebookWriter(f"sqlite:///{database}?timeout=0", "course", SPEC, notebook) as writer:
        other = sqlite3.connect(database)
        other.execute("BEGIN IMMEDIATE")
        with statements() as seen:
            writer.write(FIRST)
        other.close()

    assert set(seen) == {"SELECT"}
    assert database.read_bytes() == before


def test_between_two_batches_another_program_writes(database: Path) -> None:
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        writer.write([report("ada", area=1)])
        grade_by_hand(database, "ada", manual_score=2.0)
        writer.write([report("ada", area=3), report("bob")])

    after = grades(database, "ada")["area"]
    assert (after["auto_score"], after["manual_score"]) == (3, 2)
    assert after["needs_manual_grade"] is True


def test_a_class_that_comes_in_one_call_is_written_whole(database: Path) -> None:
    names = [f"s{number:03}" for number in range(450)]

    write(database, *(report(name, area=1) for name in names), report(names[0], area=2))

    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        assert gradebook.find_assignment("shapes").num_submissions == 450
    assert grades(database, names[0])["area"]["auto_score"] == 2
    assert grades(database, names[-1])["area"]["auto_score"] == 1


def test_only_rows_of_the_assignment_are_touched(database: Path, notebook: Path) -> None:
    other = msgspec.structs.replace(SPEC, name="colours")
    write(database, msgspec.structs.replace(report("ada"), assignment="colours"), spec=other)
    before = contents(f"sqlite:///{database}")

    write(database, report("ada", area=1), report("bob", area=2), notebook=notebook)

    after = contents(f"sqlite:///{database}")
    for table, rows in before.items():
        assert [row for row in rows if row not in after[table]] == []
        if table != "student":
            assert not [row for row in after[table] if row not in rows and "colours" in repr(row)]


def test_the_other_notebooks_of_an_assignment_get_the_rows_that_nbgrader_makes(
    tmp_path: Path, database: Path, notebook: Path
) -> None:
    write(database, notebook=notebook)
    with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
        gradebook.add_notebook("essay", "shapes")
        gradebook.add_task_cell("why", "essay", "shapes", max_score=3, cell_type="markdown")
        gradebook.add_solution_cell("how", "essay", "shapes")
        gradebook.add_notebook("empty", "shapes")
    theirs = Path(shutil.copy(database, tmp_path / "theirs.db"))

    write(database, *FIRST, notebook=notebook)
    write_with_nbgrader(theirs, *FIRST)

    assert contents(f"sqlite:///{database}") == contents(f"sqlite:///{theirs}")


def test_a_submission_without_its_rows_gets_them(database: Path, notebook: Path) -> None:
    write(database, report("ada", area=1), report("bob"), notebook=notebook)
    whole = contents(f"sqlite:///{database}")
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM grade")
        connection.execute("DELETE FROM comment")
        connection.execute(
            "DELETE FROM submitted_notebook WHERE assignment_id ="
            " (SELECT id FROM submitted_assignment WHERE student_id = 'ada')"
        )

    write(database, report("ada", area=1), report("bob"), notebook=notebook)

    assert contents(f"sqlite:///{database}") == whole


def test_a_change_that_another_writer_makes_meanwhile_is_told_and_a_higher_score_stays(
    database: Path,
) -> None:
    told: list[object] = []

    def meanwhile(changes: object) -> None:
        told.append(changes)
        if len(told) == 1:
            write(database, report("ada", area=5))

    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        writer.write([report("ada", area=2)], changes=meanwhile)

    assert grades(database, "ada")["area"]["auto_score"] == 5
    assert [[(c.student, c.kept) for c in changes] for changes in told] == [[], [("ada", True)]]  # type: ignore[attr-defined]


def test_two_writers_who_begin_at_once_leave_what_one_leaves(
    tmp_path: Path, notebook: Path
) -> None:
    url, alone = f"sqlite:///{tmp_path / 'shared.db'}", f"sqlite:///{tmp_path / 'alone.db'}"
    writing.write_class(alone, notebook)
    writers = [writing.start(url, notebook) for _ in range(2)]

    for writer in writers:
        writing.begin(writer)
    said = [writer.communicate()[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0], said
    assert contents(url) == contents(alone)


def test_cells_that_are_made_anew_while_the_class_is_graded_are_no_place_for_a_grade(
    database: Path,
) -> None:
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        with api.Gradebook(f"sqlite:///{database}", "course") as gradebook:
            gradebook.remove_notebook("shapes", "shapes")
        with pytest.raises(OperatorError, match=r"(?s)made anew .*\n  fix: run the same command"):
            writer.write([report("ada")])

    write(database, report("ada"))
    assert grades(database, "ada")["area"]["auto_score"] == 6


def test_a_batch_from_an_iterator_is_read_once(database: Path) -> None:
    with GradebookWriter(f"sqlite:///{database}", "course", SPEC) as writer:
        writer.write(report(name) for name in ("ada", "bob"))

    assert grades(database, "bob")["area"]["auto_score"] == 6
