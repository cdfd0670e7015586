"""What the tests of collecting share."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.classroom.collected import Source
from autograder.classroom.collecting.collect import collect
from autograder.classroom.collecting.git_objects import Workshop, workshop
from autograder.classroom.collecting.handed import Wanted
from autograder.classroom.collecting.outcome import Result
from autograder.classroom.collecting.released import is_changed
from autograder.classroom.collecting.repositories import Clones
from autograder.classroom.collecting.roster import read_roster
from autograder.classroom.collecting.server_time import Ask
from autograder.classroom.collecting.sources import found_at
from autograder.spec import Course

Collect = Callable[..., Result]


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with workshop() as made:
        yield made


@pytest.fixture(scope="session")
def wanted(course: Course) -> Wanted:
    return Wanted(
        assignment="convolutions",
        languages=("en", "zh_CN"),
        max_bytes=2**20,
        is_changed=is_changed(course, "convolutions"),
    )


@pytest.fixture
def collecting(tmp_path: Path, ours: Workshop, wanted: Wanted) -> Collect:
    """Collect from sources into ``tmp_path / "submitted"``, as the command does."""

    def run(
        *sources: Path,
        kind: Source | None = None,
        roster: str | None = None,
        prefix: str | None = None,
        ask: Ask | None = None,
        due: datetime.datetime | None = None,
        dry_run: bool = False,
    ) -> Result:
        people = None
        if roster is not None:
            path = tmp_path / "roster.csv"
            path.write_text(roster, encoding="utf-8")
            people = read_roster(path)
        clones = Clones(
            workshop=ours,
            wanted=msgspec.structs.replace(wanted, due=due),
            source="github",
            prefix=prefix,
            owner="school" if ask else None,
            ask=ask,
        )
        found = [found_at(source, kind, clones) for source in sources]
        return collect("convolutions", tmp_path / "submitted", found, people, due, dry_run=dry_run)

    return run
