"""What Canvas, Moodle and Gradescope give, and folders of files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.classroom.collecting.outcome import Ending, Result
from autograder.errors import OperatorError
from tests.autograder.classroom.conftest import Collect
from tests.autograder.classroom.repositories import NOTEBOOK, OTHER_WORK, WORKED_ON

PY = "convolutions.py"
NB = "convolutions.ipynb"
CANVAS = 'Student,ID,SIS User ID,SIS Login ID,Section\n"    Points Possible",,,,\n'
METADATA = """---
submission_11:
  :submitters:
  - :name: Ada L
    :sid: s1
    :email: ada@x.org
  :created_at: 2026-09-30 23:58:00.123456000 +08:00
  :score: 3.0
submission_12:
  :submitters:
  - :name: Bo B
    :sid: ''
    :email: bo@x.org
  - :name: Cy C
    :sid: s3
    :email: cy@x.org
  :created_at: 2026-10-01 00:10:00.000000000 Z
"""


def packed(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture(params=["packed", "unpacked", "packed again in a folder"])
def lay_out(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A function that gives a download with these members, as it came or unpacked."""

    def make(members: Mapping[str, bytes]) -> Path:
        place = tmp_path / "download"
        if request.param == "unpacked":
            for name, data in members.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(data)
            return place
        again = "class/" if request.param != "packed" else ""
        path = place.with_suffix(".zip")
        path.write_bytes(packed({again + name: data for name, data in members.items()}))
        return path

    return make


def endings(result: Result) -> dict[str, str]:
    return {line.origin: line.ending.value for line in result.items}


def collected(tmp_path: Path) -> dict[str, set[str]]:
    folder = tmp_path / "submitted"
    return {
        one.name: {file.name for file in (one / "convolutions").iterdir()}
        for one in sorted(folder.iterdir())
        if not one.name.startswith(".")
    }


def test_a_canvas_download_is_known_by_its_names(
    tmp_path: Path, collecting: Collect, lay_out
) -> None:  # type: ignore[no-untyped-def]
    source = lay_out(
        {
            f"doejane_101_9001_{PY}": WORKED_ON,
            "doejane_101_9001_notes.txt": b"hi",
            "roeli_LATE_102_9002_convolutions-2.ipynb": NOTEBOOK,
            "roeli_LATE_102_9002_convolutions-2.py": WORKED_ON,
            f"ghost_999_9003_{PY}": WORKED_ON,
        }
    )
    roster = CANVAS + '"Doe, Jane",101,u1,jane,S\n"Roe, Li",102,u2,li,S\n"Poe, Al",103,u3,al,S\n'

    result = collecting(source, roster=roster)

    assert collected(tmp_path) == {"jane": {PY}, "li": {PY, NB}}
    assert endings(result)["ghost_999_9003"] == "unmatched"
    assert [line.ending.value for line in result.rows] == [
        "collected",
        "collected",
        "nothing handed in",
    ]
    assert not any(one.time_verified or one.submitted_at for one in result.collected)
    assert any("late" in note.text for line in result.items for note in line.notes)


def test_a_moodle_download_is_matched_by_participant_or_name(
    tmp_path: Path,
    collecting: Collect,
    lay_out,  # type: ignore[no-untyped-def]
) -> None:
    source = lay_out(
        {
            f"Ada Lovelace_7_assignsubmission_file_/{PY}": WORKED_ON,
            f"陈 晓明_8_assignsubmission_file_{NB}": NOTEBOOK,
            "Bo Bo_9_assignsubmission_onlinetext_/onlinetext.html": b"<p>see file</p>",
            f"Jo Jo_10_assignsubmission_file_/{PY}": WORKED_ON,
        }
    )
    roster = (
        "First name,Last name / Surname,ID number,Email address\n"
        "Ada,Lovelace,s1,\n陈,晓明,s2,\nBo,Bo,s3,\nJo,Jo,s4,\nJo,Jo,s5,\n"
    )

    result = collecting(source, roster=roster)

    assert collected(tmp_path) == {"s1": {PY}, "s2": {NB}}
    assert endings(result)["Bo Bo_9"] == "refused"
    [ambiguous] = [line for line in result.items if line.ending is Ending.UNMATCHED]
    assert "row 5" in ambiguous.why and "row 6" in ambiguous.why


def test_gradescopes_own_time_counts_and_a_groups_work_is_each_ones(
    tmp_path: Path,
    collecting: Collect,
    lay_out,  # type: ignore[no-untyped-def]
) -> None:
    source = lay_out(
        {
            "assignment_5_export/submission_metadata.yml": METADATA.encode(),
            f"assignment_5_export/submission_11/{PY}": WORKED_ON,
            f"assignment_5_export/submission_12/hw/{PY}": OTHER_WORK,
            f"assignment_5_export/submission_13/{PY}": OTHER_WORK,
        }
    )
    roster = "First Name,Last Name,SID,Email\nAda,L,s1,\nBo,B,,bo@x.org\nCy,C,s3,cy@x.org\n"

    result = collecting(source, roster=roster)

    assert collected(tmp_path) == {one: {PY, "timestamp.txt"} for one in ("s1", "bo@x.org", "s3")}
    stamp = tmp_path / "submitted" / "s1" / "convolutions" / "timestamp.txt"
    assert stamp.read_text() == "2026-09-30 15:58:00.123456 UTC\n"
    assert endings(result)["submission_13"] == "unmatched"


@pytest.mark.parametrize(
    "metadata",
    ["- a\n", "x: [", "!!python/object/apply:os.system ['true']", "submission_1: 3\n", "&a [*a]"],
)
def test_metadata_that_is_none_is_refused(
    tmp_path: Path, collecting: Collect, metadata: str
) -> None:
    (tmp_path / "d.zip").write_bytes(
        packed({"submission_metadata.yml": metadata.encode(), f"submission_1/{PY}": WORKED_ON})
    )

    with pytest.raises(OperatorError, match=r"submission_metadata\.yml.*\n  fix: "):
        collecting(tmp_path / "d.zip")


def test_a_folder_of_files_is_matched_by_whatever_the_roster_says(
    tmp_path: Path,
    collecting: Collect,
    lay_out,  # type: ignore[no-untyped-def]
) -> None:
    source = lay_out(
        {
            f"ada/convolutions/{PY}": WORKED_ON,
            "ada/convolutions/timestamp.txt": b"2020-01-01 00:00:00 UTC",
            f"Bo B/convolutions/{PY}": WORKED_ON,
            f"cy/{PY}": WORKED_ON,
            "dee/readme.txt": b"",
        }
    )
    roster = "identifier,github_username,name\ns1,ada,Ada\ns2,,Bo B\ns3,CY,\ns4,dee,\n"

    result = collecting(source, roster=roster)

    assert collected(tmp_path) == {"s1": {PY}, "s2": {PY}, "s3": {PY}}
    assert endings(result)["dee"] == "nothing handed in"


def test_a_folder_of_one_student_is_not_taken_for_a_folder_around_a_class(
    tmp_path: Path, collecting: Collect
) -> None:
    place = tmp_path / "in" / "ada" / "convolutions"
    place.mkdir(parents=True)
    (place / PY).write_bytes(WORKED_ON)

    collecting(tmp_path / "in")

    assert collected(tmp_path) == {"ada": {PY}}


def test_the_only_script_counts_whatever_its_name_and_needs_nobody(
    tmp_path: Path, collecting: Collect
) -> None:
    (tmp_path / "d.zip").write_bytes(packed({"a_1_2_my_convolutions.py": WORKED_ON}))

    result = collecting(tmp_path / "d.zip")

    assert endings(result) == {"a_1_2": "collected"}
    assert not result.needs_person


@pytest.mark.parametrize("name", ["hw.zip", "hw.ZIP"])
def test_an_archive_that_a_student_handed_in_is_opened_once(
    tmp_path: Path, collecting: Collect, name: str
) -> None:
    inner = packed({f"my hw/{PY}": WORKED_ON, "__MACOSX/my hw/._convolutions.py": b"\0"})
    (tmp_path / "d.zip").write_bytes(packed({f"a_1_2_{name}": inner}))

    collecting(tmp_path / "d.zip")

    assert collected(tmp_path) == {"a_1": {PY}}


def test_an_archive_in_an_archive_in_an_archive_stays_closed(
    tmp_path: Path, collecting: Collect
) -> None:
    inner = packed({"again.zip": packed({PY: WORKED_ON})})
    (tmp_path / "d.zip").write_bytes(packed({"a_1_2_hw.zip": inner}))

    result = collecting(tmp_path / "d.zip")

    assert endings(result) == {"a_1_2": "refused"}


def test_one_students_bomb_leaves_the_others_alone(tmp_path: Path, collecting: Collect) -> None:
    bomb = packed({PY: bytes(40 * 2**20)})
    (tmp_path / "d.zip").write_bytes(
        packed({"a_1_2_hw.zip": bomb, f"b_3_4_{PY}": WORKED_ON, "c_5_6_x.zip": b"no zip"})
    )

    result = collecting(tmp_path / "d.zip")

    assert endings(result) == {"a_1_2": "refused", "b_3_4": "collected", "c_5_6": "refused"}
    assert all("\n  fix: " in line.why for line in result.items if line.person)


def test_a_git_folder_in_a_download_is_left_unread(tmp_path: Path, collecting: Collect) -> None:
    inner = packed({PY: WORKED_ON, ".git/config": b"[core]", ".git/hooks/x.py": b"x"})
    (tmp_path / "d.zip").write_bytes(packed({"a_1_2_hw.zip": inner}))

    result = collecting(tmp_path / "d.zip")

    assert collected(tmp_path) == {"a_1": {PY}}
    said = [note.text for line in result.items for note in line.notes]
    assert sum("left unread" in text for text in said) == 2


def test_a_link_in_an_unpacked_download_is_listed_and_not_followed(
    tmp_path: Path, collecting: Collect
) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (place / f"a_1_2_{PY}").symlink_to("/etc/passwd")
    (place / f"b_3_4_{PY}").write_bytes(WORKED_ON)

    result = collecting(place)

    assert endings(result) == {"a_1_2": "refused", "b_3_4": "collected"}


def test_what_is_named_as_nobodys_is_listed_and_the_files_add_up(
    tmp_path: Path, collecting: Collect
) -> None:
    (tmp_path / "d.zip").write_bytes(
        packed(
            {
                f"a_1_2_{PY}": WORKED_ON, "stray.py": WORKED_ON, ".DS_Store": b"",
                "../evil.py": b"", "a_1_2_x.png": b"",
            }
        )
    )  # fmt: skip

    result = collecting(tmp_path / "d.zip", kind="canvas")

    [found] = result.found
    assert (found.members, len(found.strays), len(found.refused), found.left_out) == (5, 1, 1, 1)
    assert endings(result)["stray.py"] == "unmatched" and result.needs_person


@pytest.mark.parametrize("members", [{"x.py": b""}, {"a/x.py": b""}, {}])
def test_what_cannot_be_told_is_asked(
    tmp_path: Path, collecting: Collect, members: dict[str, bytes]
) -> None:
    (tmp_path / "d.zip").write_bytes(packed(members))

    with pytest.raises(OperatorError, match=r"\n  fix: --from"):
        collecting(tmp_path / "d.zip")


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06" + bytes(5)])
def test_a_file_that_is_no_download_is_refused(
    tmp_path: Path, collecting: Collect, data: bytes
) -> None:
    (tmp_path / "d.zip").write_bytes(data)

    with pytest.raises(OperatorError, match=r"\n  fix: "):
        collecting(tmp_path / "d.zip")


def test_a_student_who_hands_in_a_git_folder_makes_no_clones_of_a_download(
    tmp_path: Path, collecting: Collect
) -> None:
    for name in ("Ada A_7_assignsubmission_file_", "Bo B_8_assignsubmission_file_", "C C_9_x"):
        place = tmp_path / "in" / name.replace("_x", "_assignsubmission_file_")
        place.mkdir(parents=True)
        (place / PY).write_bytes(WORKED_ON)
    (tmp_path / "in" / "Ada A_7_assignsubmission_file_" / ".git").mkdir()

    result = collecting(tmp_path / "in")

    assert {line.ending for line in result.items} == {Ending.COLLECTED}


def test_a_student_who_hands_in_metadata_says_when_for_nobody(
    tmp_path: Path, collecting: Collect
) -> None:
    (tmp_path / "d.zip").write_bytes(
        packed(
            {
                f"Ada A_7_assignsubmission_file_/submission_11/{PY}": WORKED_ON,
                "Ada A_7_assignsubmission_file_/submission_metadata.yml": METADATA.encode(),
                f"Bo B_8_assignsubmission_file_/{PY}": WORKED_ON,
            }
        )
    )

    result = collecting(tmp_path / "d.zip")

    assert {one.source for one in result.collected} == {"moodle"} and len(result.collected) == 2
    assert not any(one.time_verified for one in result.collected)


def test_two_files_of_one_name_in_two_places_are_told(tmp_path: Path, collecting: Collect) -> None:
    (tmp_path / "d.zip").write_bytes(
        packed(
            {
                f"Ada A_7_assignsubmission_file_/{PY}": WORKED_ON,
                f"Ada A_7_assignsubmission_file_{PY}": OTHER_WORK,
            }
        )
    )

    result = collecting(tmp_path / "d.zip")

    assert any(note.person for line in result.items for note in line.notes)


def test_in_a_folder_too_names_that_some_disk_takes_for_one_are_told(
    tmp_path: Path, collecting: Collect
) -> None:
    place = tmp_path / "in"
    place.mkdir()
    for name in (f"a_1_2_{PY}", "a_1_2_Helper.py", "a_1_2_helper.py"):
        (place / name).write_bytes(WORKED_ON)

    result = collecting(place)

    assert collected(tmp_path) == {"a_1": {PY}}
    assert sum(note.person for line in result.items for note in line.notes) == 2


def test_each_file_on_canvas_has_a_number_and_all_are_one_submission(
    tmp_path: Path, collecting: Collect, lay_out
) -> None:  # type: ignore[no-untyped-def]
    source = lay_out(
        {
            f"doejane_101_9001_{PY}": WORKED_ON,
            f"doejane_101_9002_{NB}": NOTEBOOK.replace(b"corr2d", b"corr2e"),
            "roeli_LATE_102_text.html": b"<p>see file</p>",
        }
    )

    result = collecting(source)

    assert collected(tmp_path) == {"doejane_101": {PY, NB}}
    assert sorted(line.ending.value for line in result.items) == ["collected", "refused"]


def test_a_file_that_is_called_as_if_it_were_another_students_is_nobodys(
    tmp_path: Path, collecting: Collect
) -> None:
    forged = f"Eve E_7_assignsubmission_file_x_8_assignsubmission_file_{PY}"
    (tmp_path / "d.zip").write_bytes(
        packed({forged: OTHER_WORK, f"Eve E_7_assignsubmission_file_{PY}": WORKED_ON})
    )
    roster = "Identifier,Full name\nParticipant 7,Eve E\nParticipant 8,Bo B\n"

    result = collecting(tmp_path / "d.zip", roster=roster)

    assert collected(tmp_path) == {"7": {PY}}
    assert endings(result)[forged] == "unmatched"


def test_who_has_another_number_is_not_matched_by_name(tmp_path: Path, collecting: Collect) -> None:
    metadata = METADATA.replace("s1", "s99")
    (tmp_path / "d.zip").write_bytes(
        packed({"submission_metadata.yml": metadata.encode(), f"submission_11/{PY}": WORKED_ON})
    )

    result = collecting(tmp_path / "d.zip", roster="Name,SID\nAda L,s1\n")

    assert endings(result)["submission_11"] == "unmatched" and result.needs_person


def test_metadata_inside_of_a_submission_is_not_gradescopes(
    tmp_path: Path, collecting: Collect
) -> None:
    (tmp_path / "d.zip").write_bytes(
        packed(
            {
                "submission_5/submission_metadata.yml": METADATA.encode(),
                f"submission_5/submission_11/{PY}": WORKED_ON,
            }
        )
    )

    with pytest.raises(OperatorError, match="there is no submission_metadata"):
        collecting(tmp_path / "d.zip", kind="gradescope")


@pytest.mark.parametrize("name", ["hw.rar", "hw.pdf", "convolutions.ipynb.txt"])
def test_what_cannot_be_graded_is_not_called_nothing(
    tmp_path: Path, collecting: Collect, name: str
) -> None:
    (tmp_path / "d.zip").write_bytes(packed({f"a_1_2_{name}": b"x"}))

    result = collecting(tmp_path / "d.zip")

    assert endings(result) == {"a_1_2": "refused"} and result.needs_person
