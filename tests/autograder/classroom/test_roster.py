"""A roster as the platforms export it, and as people save it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom.collecting.handed import Identity
from autograder.classroom.collecting.matching import Class
from autograder.classroom.collecting.roster import Roster, read_roster
from autograder.errors import OperatorError

CLASSROOM = '"identifier","github_username","github_id","name"\n'


def read(tmp_path: Path, data: str | bytes) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_roster(path)


def ids(roster: Roster) -> list[str]:
    return [one.student for one in roster.people]


@pytest.mark.parametrize(
    ("text", "student"),
    [
        (CLASSROOM + '"s123","ada","1","Ada L"\n', "s123"),
        (CLASSROOM + '"Lovelace, Ada","ada","1","Ada L"\n', "ada"),
        (CLASSROOM + '"Lovelace, Ada","","",""\n', "Lovelace-Ada"),
        (CLASSROOM + '"陈晓明","","",""\n', "陈晓明"),
        ("username,first_name,last_name,email,section,github_id\nada,A,L,a@b.c,1,7\n", "ada"),
        ("Student,ID,SIS User ID,SIS Login ID,Section,hw (9)\n\"L, A\",7,u7,al,S,\n", "al"),
        ("First name,Last name / Surname,ID number,Email address\nA,L,77,a@b.c\n", "77"),
        ("First name;Surname;ID number;Email address\nA;L;;a@b.c\n", "a@b.c"),
        ("First Name,Last Name,SID,Email\nA,L,a7,a@b.c\n", "a7"),
        ("Identifier,Full name,Email address\nParticipant 42,A L,a@b.c\n", "a@b.c"),
    ],
)  # fmt: skip
def test_each_platforms_columns_are_known(tmp_path: Path, text: str, student: str) -> None:
    assert ids(read(tmp_path, text)) == [student]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_marks_line_ends_and_blank_lines_do_not_matter(
    tmp_path: Path, encoding: str, end: str
) -> None:
    lines = ["identifier,github_username,name", "", "s1,ada,Ada", ",,", "s2,bo,陈", ""]

    roster = read(tmp_path, end.join(lines).encode(encoding))

    assert ids(roster) == ["s1", "s2"] and roster.rows == 2


def test_a_name_over_two_lines_is_one_name(tmp_path: Path) -> None:
    roster = read(tmp_path, CLASSROOM + '"s1","ada","1","Ada\nLovelace"\n')

    assert roster.people[0].shown == "Ada Lovelace"


@pytest.mark.parametrize(
    "data",
    [
        CLASSROOM.encode() + "s1,ada,1,José".encode("latin-1"),
        CLASSROOM.encode() + "s1,ada,1,陈".encode("gbk"),
        b"PK\x03\x04\x00\x00",
        b"",
        b"a,b,c\n1,2,3\n",
        b"identifier,identifier\n1,2\n",
        b'identifier,name\n"never closed,x\n',
    ],
)
def test_what_is_no_roster_is_refused_with_a_way_out(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(OperatorError, match=r"roster\.csv: .*\n  fix: "):
        read(tmp_path, data)


def test_a_comma_without_quotes_is_seen_and_shifts_nobodys_columns(tmp_path: Path) -> None:
    roster = read(tmp_path, CLASSROOM + "Doe, Jane,jane,1,Jane\ns2,bo,2,Bo\n")

    assert ids(roster) == ["s2"]
    assert [one.row for one in roster.refused] == [2]


def test_rows_that_say_the_same_are_one_person(tmp_path: Path) -> None:
    roster = read(tmp_path, CLASSROOM + "s1,,,Ada\nS1,ada,,\ns1,Ada,,Ada L\n")

    assert ids(roster) == ["s1"] and roster.people[0].fields["username"] == "ada"
    assert [one.row for one in roster.duplicates] == [3, 4]


def test_two_people_never_share_a_folder_in_whatever_order_they_stand(tmp_path: Path) -> None:
    rows = ["S1,ada,,Ada\n", "s1,bo,,Bo\n", "s2,cy,,Cy\n"]

    there = read(tmp_path, CLASSROOM + "".join(rows))
    back = read(tmp_path, CLASSROOM + "".join(reversed(rows)))

    assert ids(there) == ["ada", "bo", "s2"] and sorted(ids(back)) == ["ada", "bo", "s2"]


def test_who_falls_back_does_not_take_what_is_anothers(tmp_path: Path) -> None:
    roster = read(tmp_path, CLASSROOM + "same,ada,,X\nsame,bo,,Y\nada,cy,,Z\n")

    assert sorted(one.casefold() for one in ids(roster)) == ["ada", "bo", "x"]


def test_who_has_nothing_of_their_own_is_listed(tmp_path: Path) -> None:
    roster = read(tmp_path, "name\nAda L\nAda L\nBo\n")

    assert ids(roster) == ["Bo"]
    assert [one.row for one in roster.refused] == [2, 3]
    assert roster.rows == len(roster.people) + len(roster.duplicates) + len(roster.refused)


@pytest.mark.parametrize("username", ["@Ada", "https://github.com/ada/", "ADA", " ada "])
def test_a_username_may_be_written_in_several_ways(tmp_path: Path, username: str) -> None:
    people = Class(read(tmp_path, CLASSROOM + f"s1,{username},,Ada\n"))

    assert [one.student for one in people.find(Identity("x", (("username", "ada"),)))] == ["s1"]


@pytest.mark.parametrize("name", ["doejane", "Jane Doe", "Doe Jane", "DOE  JANE"])
def test_a_name_is_found_in_either_order(tmp_path: Path, name: str) -> None:
    people = Class(read(tmp_path, 'Student,Section\n"Doe, Jane",1\n'))

    assert len(people.find(Identity("x", (("canvas", "9"), ("name", name))))) == 1


def test_a_number_the_roster_knows_comes_before_a_name(tmp_path: Path) -> None:
    people = Class(read(tmp_path, 'Student,ID,Section\n"Doe, Jane",7,1\n'))

    assert people.find(Identity("x", (("canvas", "8"), ("name", "doejane")))) == []


def test_ten_thousand_rows_are_read_in_no_time_to_speak_of(tmp_path: Path) -> None:
    rows = "".join(f"s{n},user{n},{n},Name {n}\n" for n in range(10_000))

    assert len(read(tmp_path, CLASSROOM + rows).people) == 10_000


def test_two_people_with_one_address_are_not_one_person(tmp_path: Path) -> None:
    roster = read(tmp_path, "name,email\nAnn A,home@x.org\nBob B,home@x.org\n")

    assert [one.student for one in roster.people] == ["Ann-A", "Bob-B"]
