"""Into submitted/: again and again, never over a person's work, and with a server's time only."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from autograder.classroom.collected import read_collection
from autograder.classroom.collecting.collect_text import collect_text
from autograder.classroom.collecting.outcome import Ending, Result
from autograder.classroom.collecting.server_time import Ask, Push
from autograder.errors import SubmissionError
from autograder.submission.handed_in import handed_in
from autograder.submission.submissions import find_submissions
from tests.autograder.classroom.conftest import Collect
from tests.autograder.classroom.repositories import (
    HANDED_OUT,
    OTHER_WORK,
    WORKED_ON,
    clone_with,
    commit,
    git,
    new_clone,
)

PY = "convolutions.py"
DUE = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)
EARLY, LATE = DUE - datetime.timedelta(hours=1), DUE + datetime.timedelta(hours=1)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def ending(result: Result, origin: str) -> Ending:
    [line] = [line for line in result.items if line.origin == origin]
    return line.ending


def asked(pushes: Mapping[str, Sequence[tuple[str, datetime.datetime]]]) -> Ask:
    return lambda name: [Push(after, "refs/heads/main", at) for after, at in pushes[name]]


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    return tmp_path / "hw-submissions"


def test_a_second_run_changes_nothing(tmp_path: Path, clones: Path, collecting: Collect) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    collecting(tmp_path)
    before = files_in(tmp_path / "submitted")

    result = collecting(tmp_path)

    assert files_in(tmp_path / "submitted") == before
    assert result.written == 0 and len(result.collected) == 1


def test_what_was_collected_before_is_replaced_by_what_is_new(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone = clone_with(clones / "hw-ada", {PY: WORKED_ON, "helper.py": b"x"})
    collecting(clones)
    commit(clone, {PY: OTHER_WORK})

    result = collecting(clones)

    assert files_in(tmp_path / "submitted" / "ada") == {f"convolutions/{PY}": OTHER_WORK}
    assert result.written == 1


def test_who_handed_in_what_was_handed_out_is_named(clones: Path, collecting: Collect) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    clone_with(clones / "hw-bo", {PY: HANDED_OUT})

    result = collecting(clones)

    assert result.untouched == ("bo",)
    assert "1 of these as it was handed out, with nothing filled in: bo" in collect_text(result)


def test_a_repository_that_is_known_stays_so_when_github_is_not_asked(
    clones: Path, collecting: Collect
) -> None:
    clone = clone_with(clones / "hw-ada", {PY: WORKED_ON})
    pushes = {"hw-ada": [(git(clone, "rev-parse", "refs/remotes/origin/main"), EARLY)]}
    [before] = collecting(clones, ask=asked(pushes)).collected

    [after] = collecting(clones).collected

    assert before.repository == after.repository == "school/hw-ada"


@pytest.mark.parametrize("by_hand", ["all of it", "a file changed", "a file added", "a link"])
def test_what_a_person_put_or_changed_is_left_and_listed(
    tmp_path: Path, clones: Path, collecting: Collect, by_hand: str
) -> None:
    clone = clone_with(clones / "hw-ada", {PY: WORKED_ON})
    place = tmp_path / "submitted" / "ada" / "convolutions"
    if by_hand == "all of it":
        place.mkdir(parents=True)
        (place / PY).write_bytes(b"mine")
    elif by_hand == "a link":
        (tmp_path / "elsewhere").mkdir()
        place.parent.mkdir(parents=True)
        place.symlink_to(tmp_path / "elsewhere")
    else:
        collecting(clones)
        (place / (PY if by_hand == "a file changed" else "more.py")).write_bytes(b"mine")
        commit(clone, {PY: OTHER_WORK})
    before = files_in(tmp_path / "submitted" / "ada")

    result = collecting(clones)

    assert ending(result, "hw-ada") is Ending.CONFLICT and result.needs_person
    assert files_in(tmp_path / "submitted" / "ada") == before


def test_a_run_that_was_killed_before_it_kept_its_list_is_finished_by_the_next(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    collecting(clones)
    (tmp_path / "submitted" / ".collected-convolutions.json").unlink()

    assert ending(collecting(clones), "hw-ada") is Ending.COLLECTED


def test_a_run_that_was_killed_between_two_moves_loses_nothing(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    collecting(clones)
    student = tmp_path / "submitted" / "ada"
    (student / ".collecting-convolutions-x").mkdir()
    (student / "convolutions").rename(student / ".collecting-convolutions-x" / "old")

    result = collecting(clones)

    assert result.written == 0
    assert files_in(student) == {f"convolutions/{PY}": WORKED_ON}


def test_what_is_gone_at_the_source_stays_and_is_listed(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    clone = clone_with(clones / "hw-bo", {PY: WORKED_ON})
    collecting(clones)
    clone.rename(tmp_path / "gone")

    result = collecting(clones)

    assert [one.student for one in result.gone] == ["bo"] and result.needs_person
    assert (tmp_path / "submitted" / "bo" / "convolutions" / PY).is_file()
    kept = read_collection(tmp_path / "submitted", "convolutions")
    assert kept is not None and [one.student for one in kept.collected] == ["ada", "bo"]


def test_grading_finds_the_students_and_nothing_else(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    collecting(clones)

    found = find_submissions(tmp_path / "submitted")

    assert (found.students, found.quarantined) == (("ada",), ())


def test_a_dry_run_writes_nothing(tmp_path: Path, clones: Path, collecting: Collect) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    result = collecting(clones, dry_run=True)

    assert not (tmp_path / "submitted").exists() and len(result.collected) == 1


def test_the_list_of_what_was_collected_is_its_owners_alone(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    collecting(clones)

    path = tmp_path / "submitted" / ".collected-convolutions.json"
    assert path.stat().st_mode & 0o777 == 0o600


# --- Several of one person ------------------------------------------------------------------------

TWICE = "identifier,github_username\ns1,ada\ns1,\n"


def test_of_two_clones_of_one_person_the_one_that_was_worked_on_is_taken(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-Ada", {PY: HANDED_OUT})
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    result = collecting(clones, roster=TWICE)

    assert ending(result, "hw-Ada") is Ending.DUPLICATE
    assert ending(result, "hw-ada") is Ending.COLLECTED and not result.needs_person


def test_of_two_clones_with_work_a_person_chooses(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-Ada", {PY: OTHER_WORK})
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    result = collecting(clones, roster=TWICE)

    assert {line.ending for line in result.items} == {Ending.DUPLICATE} and result.needs_person
    assert not (tmp_path / "submitted" / "s1").exists()


# --- When ----------------------------------------------------------------------------------------


def test_only_a_servers_time_is_written_beside_the_work(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    known = clone_with(clones / "hw-ada", {PY: WORKED_ON})
    clone_with(clones / "hw-bo", {PY: WORKED_ON})
    head = git(known, "rev-parse", "refs/remotes/origin/main")

    result = collecting(clones, ask=asked({"hw-ada": [(head, LATE)], "hw-bo": []}))

    submitted = tmp_path / "submitted"
    assert handed_in(submitted, "ada", "convolutions").submitted_at == LATE.isoformat()
    assert handed_in(submitted, "bo", "convolutions").submitted_at is None
    by_student = {one.student: one for one in result.collected}
    assert by_student["ada"].time_verified and by_student["ada"].repository == "school/hw-ada"
    assert not by_student["bo"].time_verified and by_student["bo"].submitted_at is not None
    assert "bo: 2026-" in collect_text(result)


def test_who_asks_for_a_clone_in_vain_collects_it_all_the_same(
    clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    def ask(name: str) -> Sequence[Push]:
        raise SubmissionError(f"school/{name}: HTTP 404\n  fix: gh auth status")

    result = collecting(clones, ask=ask)

    assert ending(result, "hw-ada") is Ending.COLLECTED and result.needs_person
    assert "HTTP 404" in collect_text(result)


@pytest.mark.parametrize("late_by", [datetime.timedelta(milliseconds=999), datetime.timedelta(0)])
def test_all_of_the_second_of_the_deadline_is_in_time(
    tmp_path: Path, clones: Path, collecting: Collect, late_by: datetime.timedelta
) -> None:
    clone = new_clone(clones / "hw-ada")
    first = commit(clone, {PY: WORKED_ON})
    last = commit(clone, {PY: OTHER_WORK}, parent=first)

    result = collecting(
        clones, ask=asked({"hw-ada": [(first, EARLY), (last, DUE + late_by)]}), due=DUE
    )

    assert result.on_time == 0 and not (tmp_path / "submitted-on-time").exists()


def test_the_last_version_in_time_is_kept_beside_a_late_one(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone = new_clone(clones / "hw-ada")
    zeroth = commit(clone, {PY: HANDED_OUT})
    first = commit(clone, {PY: WORKED_ON}, parent=zeroth)
    last = commit(clone, {PY: OTHER_WORK}, parent=first)
    pushes = [(zeroth, EARLY - datetime.timedelta(days=1)), (first, EARLY), (last, LATE)]
    ask = asked({"hw-ada": pushes})

    collecting(clones, ask=ask, due=DUE)

    on_time = tmp_path / "submitted-on-time"
    assert files_in(on_time)[f"ada/convolutions/{PY}"] == WORKED_ON
    assert handed_in(on_time, "ada", "convolutions").submitted_at == EARLY.isoformat()
    assert files_in(tmp_path / "submitted")[f"ada/convolutions/{PY}"] == OTHER_WORK

    collecting(clones, ask=ask, due=LATE)

    assert files_in(on_time) == {}


def test_a_commits_own_date_makes_nobody_late_or_in_time(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone = new_clone(clones / "hw-ada")
    first = commit(clone, {PY: WORKED_ON})
    commit(clone, {PY: OTHER_WORK}, parent=first)

    collecting(clones, due=DUE)

    assert not (tmp_path / "submitted-on-time").exists()
    assert not (tmp_path / "submitted" / "ada" / "convolutions" / "timestamp.txt").exists()


def test_a_commit_in_the_middle_of_a_push_came_with_that_push(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone = new_clone(clones / "cs-convolutions-ada")
    first = commit(clone, {PY: WORKED_ON})
    last = commit(clone, {PY: OTHER_WORK}, parent=first)
    git(clone, "tag", "submit/2026-10-01T00-00-00Z-aaaaaaa", first)

    collecting(
        clones,
        kind="classroom50",
        prefix="cs-convolutions",
        ask=asked({"cs-convolutions-ada": [(last, EARLY)]}),
    )

    assert handed_in(tmp_path / "submitted", "ada", "convolutions").submitted_at == (
        EARLY.isoformat()
    )


def test_a_force_push_that_took_the_version_in_time_away_is_told(
    clones: Path, collecting: Collect
) -> None:
    clone = new_clone(clones / "hw-ada")
    last = commit(clone, {PY: OTHER_WORK})

    result = collecting(clones, ask=asked({"hw-ada": [("a" * 40, EARLY), (last, LATE)]}), due=DUE)

    assert ending(result, "hw-ada") is Ending.COLLECTED and result.needs_person
    assert "before the deadline cannot be read" in collect_text(result)


# --- What is said --------------------------------------------------------------------------------


def test_what_others_named_is_obeyed_by_no_terminal_and_no_runner(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clones.mkdir()
    for name in ("hw-\x1b[31mred", "hw-x\n::error::y", "##[group]x"):
        (clones / name).mkdir()
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    roster = 'identifier,github_username,name\ns1,ada,"A\n::set-output::"\n"::warning::",,\n'

    text = collect_text(collecting(clones, roster=roster))

    assert "\x1b" not in text
    assert not any(line.strip().startswith(("::", "##[")) for line in text.splitlines())


def test_without_a_roster_two_of_one_name_are_shown_to_a_person(
    clones: Path, collecting: Collect
) -> None:
    clone_with(clones / "hw-Ada", {PY: HANDED_OUT})
    clone_with(clones / "hw-ada", {PY: WORKED_ON})

    result = collecting(clones)

    assert ending(result, "hw-ada") is Ending.COLLECTED and result.needs_person


# --- What was known stays known ------------------------------------------------------------------


def test_a_time_and_a_version_in_time_stay_known_when_github_does_not_answer(
    tmp_path: Path, clones: Path, collecting: Collect
) -> None:
    clone = new_clone(clones / "hw-ada")
    first = commit(clone, {PY: WORKED_ON})
    last = commit(clone, {PY: OTHER_WORK}, parent=first)
    collecting(clones, ask=asked({"hw-ada": [(first, EARLY), (last, LATE)]}), due=DUE)
    places = [tmp_path / "submitted" / "ada", tmp_path / "submitted-on-time"]
    before = [files_in(place) for place in places]

    def fails(name: str) -> Sequence[Push]:
        raise SubmissionError(f"{name}: HTTP 502")

    for ask in (fails, None):
        collecting(clones, ask=ask, due=DUE)

        assert [files_in(place) for place in places] == before


def test_work_that_no_push_brought_needs_a_person(clones: Path, collecting: Collect) -> None:
    clone = new_clone(clones / "cs-convolutions-ada")
    git(clone, "tag", "submit/2026-10-09", commit(clone, {PY: WORKED_ON}))

    result = collecting(
        clones,
        kind="classroom50",
        prefix="cs-convolutions",
        ask=asked({"cs-convolutions-ada": [("a" * 40, EARLY)]}),
    )

    assert result.needs_person and "no record of the push" in collect_text(result)


def test_an_archive_among_the_clones_is_listed(clones: Path, collecting: Collect) -> None:
    clone_with(clones / "hw-ada", {PY: WORKED_ON})
    (clones / "hw-bo.zip").write_bytes(b"PK")

    assert ending(collecting(clones), "hw-bo.zip") is Ending.UNMATCHED


def test_clones_of_the_assignment_are_found_beside_another_repository(
    tmp_path: Path, collecting: Collect
) -> None:
    clone_with(tmp_path / "in" / "convolutions-submissions" / "convolutions-ada", {PY: WORKED_ON})
    new_clone(tmp_path / "in" / "course")

    assert ending(collecting(tmp_path / "in"), "convolutions-ada") is Ending.COLLECTED
