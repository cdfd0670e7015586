"""A roster of 300 with the usual mess: every row and every clone ends in exactly one way."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from autograder.classroom.collecting.collect import collect
from autograder.classroom.collecting.collect_text import collect_text
from autograder.classroom.collecting.git_objects import Workshop
from autograder.classroom.collecting.handed import Wanted
from autograder.classroom.collecting.outcome import Ending, Result
from autograder.classroom.collecting.repositories import Clones
from autograder.classroom.collecting.roster import read_roster
from autograder.classroom.collecting.sources import found_at
from autograder.submission.submissions import find_submissions, is_student_id
from tests.autograder.classroom.repositories import (
    HANDED_OUT,
    OTHER_WORK,
    WORKED_ON,
    clone_with,
    new_clone,
)

PY = "convolutions.py"


class Class(NamedTuple):
    """The class, collected once for all tests that look at it."""

    result: Result
    text: str
    into: Path
    clones: Path


def _rows() -> list[str]:
    rows = [f'"s{n:03}","user{n}","{n}","Person {n}"' for n in range(200)]
    rows += [f'"Family{n}, First{n}","fam{n}","","First{n} Family{n}"' for n in range(30)]
    rows += [f'"学生{n}","zh{n}","","学生{n}"' for n in range(20)]
    rows += [f'"blank{n}","","","Blank {n}"' for n in range(20)]  # nobody knows their username
    rows += [f'"S{n:03}","USER{n}","{n}","Person {n}"' for n in range(10)]  # the first ten again
    rows += [f'"s{n:03}","other{n}","","Namesake {n}"' for n in range(10, 15)]  # an id twice
    rows += ['"shared1","joint","","A"', '"shared2","joint","","B"']  # one account, two people
    rows += ["Doe, Jane,jane,1,Jane"]  # a comma without quotes
    rows += ['"","","",""']  # blank: no row
    rows += [f'"quiet{n}","quiet{n}","","Quiet {n}"' for n in range(12)]
    return rows


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory, ours: Workshop, wanted: Wanted) -> Class:
    root = tmp_path_factory.mktemp("class")
    clones = root / "hw1-submissions"
    work = clone_with(root / "made" / "work", {PY: WORKED_ON})
    names = [
        *(f"user{n}" for n in range(200)), *(f"Fam{n}" for n in range(30)),
        *(f"zh{n}" for n in range(20)), *(f"other{n}" for n in range(10, 13)), "joint",
        *(f"stranger{n}" for n in range(7)), "team-rocket", "team-pixel",
    ]  # fmt: skip
    for name in names:
        shutil.copytree(work, clones / f"hw1-{name}")
    shutil.rmtree(clones / "hw1-user3")
    new_clone(clones / "hw1-user3")  # accepted, and never pushed
    shutil.rmtree(clones / "hw1-user4")
    clone_with(clones / "hw1-user4", {"README.md": b"I forgot"})
    shutil.rmtree(clones / "hw1-user5" / ".git" / "objects")  # a clone that broke off
    clone_with(clones / "hw1-USER6", {PY: OTHER_WORK})  # two of one person, both worked on
    clone_with(clones / "hw1-USER7", {PY: HANDED_OUT})  # two of one person, one worked on
    (clones / "hw1-user8" / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (clones / "hw1-user8" / ".git" / "objects" / "info" / "alternates").write_text("/srv\n")
    (clones / "notes").mkdir()
    (clones / "scores.csv").write_text("x")
    into = root / "submitted"
    (into / "s009" / "convolutions").mkdir(parents=True)
    (into / "s009" / "convolutions" / PY).write_bytes(b"graded by hand")
    roster = root / "roster.csv"
    head = '"identifier","github_username","github_id","name"'
    roster.write_bytes("\r\n".join([head, *_rows(), ""]).encode("utf-8-sig"))
    parts = Clones(workshop=ours, wanted=wanted, source="github")
    result = collect("convolutions", into, [found_at(root, None, parts)], read_roster(roster))
    return Class(result, collect_text(result), into, clones)


def test_every_row_of_the_roster_ends_in_exactly_one_way(collected: Class) -> None:
    counts = Counter(line.ending for line in collected.result.rows)

    assert collected.result.roster is not None
    assert sum(counts.values()) == len(collected.result.rows) == 300
    assert collected.result.roster.rows == 300
    assert counts == {
        Ending.COLLECTED: 200 - 6 + 30 + 20 + 3,
        Ending.NOTHING: 2 + 20 + 2 + 2 + 12,
        Ending.REFUSED: 2 + 1,
        Ending.CONFLICT: 1,
        Ending.DUPLICATE: 1 + 10,
    }


def test_every_clone_ends_in_exactly_one_way(collected: Class) -> None:
    there = [one.name for one in collected.clones.iterdir() if one.is_dir()]

    counts = Counter(line.ending for line in collected.result.items)

    assert sorted(line.origin for line in collected.result.items) == sorted(there)
    assert counts == {
        Ending.COLLECTED: 200 - 6 + 30 + 20 + 3,
        Ending.NOTHING: 2,
        Ending.REFUSED: 2,
        Ending.CONFLICT: 1,
        Ending.DUPLICATE: 3,
        Ending.UNMATCHED: 1 + 7 + 2 + 1,
    }


def test_the_numbers_that_are_printed_add_up(collected: Class) -> None:
    sums = re.findall(r"^(\d+) [^:\n]*: (\d+ [^\n]* \+ [^\n]*)$", collected.text, re.MULTILINE)

    assert [int(total) for total, _terms in sums] == [300, len(collected.result.items)]
    for total, terms in sums:
        assert sum(int(number) for number in re.findall(r"(\d+) ", terms)) == int(total)


def test_each_that_needs_a_person_is_printed_with_what_to_do(collected: Class) -> None:
    troubled = [line for line in collected.result.items if line.person]

    assert len(troubled) == 11 + 2 + 1 + 2
    for line in troubled:
        assert line.origin in collected.text and "\n  fix: " in line.why
    assert collected.result.needs_person


def test_what_was_collected_is_what_grading_finds(collected: Class) -> None:
    found = find_submissions(collected.into)

    names = {one.student for one in collected.result.collected}
    assert set(found.students) == names | {"s009"} and found.quarantined == ()
    assert all(is_student_id(name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert (collected.into / "s009" / "convolutions" / PY).read_bytes() == b"graded by hand"


def test_who_shares_an_identifier_is_collected_under_their_own_name(collected: Class) -> None:
    names = {one.student for one in collected.result.collected}

    assert {"user10", "other10"} <= names and "s010" not in names


def test_names_that_can_be_no_folder_give_way_to_the_username(collected: Class) -> None:
    names = {one.student for one in collected.result.collected}

    assert {"fam0", "学生0"} <= names


def test_work_for_an_account_of_two_people_is_nobodys(collected: Class) -> None:
    [line] = [line for line in collected.result.items if line.origin == "hw1-joint"]

    assert line.ending is Ending.UNMATCHED and "A (row" in line.why and "B (row" in line.why
