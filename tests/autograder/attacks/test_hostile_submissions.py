"""Every hostile submission in a real sandbox: it wins nothing, harms nobody and leaves nothing."""

from __future__ import annotations

import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.autograder.attacks import host_state
from tests.autograder.attacks.grading import CONTROL
from tests.autograder.attacks.hostile import Attack, find_attacks, labelled
from tests.autograder.attacks.results import Finished, Graded, Refused, Run, wrong_points
from tests.autograder.attacks.samples import HOSTILE

ATTACKS = find_attacks(HOSTILE)
BY_ID = {attack.id: attack for attack in ATTACKS}
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)


def graded(run: Run, attack: str) -> Graded:
    """What became of it; fails where the grader did not get that far."""
    assert attack in run.graded, f"the grader ended before it had a report:\n{run.said}"
    return run.graded[attack]


def holes(attack: Attack, result: Graded) -> str:
    """In what its points are not those of its label, with what its report says."""
    wrong = wrong_points(attack.honest, attack.at_most, result)
    return "\n".join([*wrong, *result.said]) if wrong else ""


# --- In the strongest combination, each attack ---------------------------------------------------


@each_attack
def test_it_earns_what_its_honest_part_earns_and_no_point_more(
    strongest: Run, attack: Attack
) -> None:
    assert not holes(attack, graded(strongest, attack.id))


@each_attack
def test_no_check_of_ours_breaks_on_it(strongest: Run, attack: Attack) -> None:
    result = graded(strongest, attack.id)

    assert not result.errored
    assert result.unreadable == all(score is None for score in result.scores.values())


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.leaks], ids=lambda attack: attack.id
)
def test_its_student_sees_nothing_of_what_it_would_leak(strongest: Run, attack: Attack) -> None:
    assert not graded(strongest, attack.id).leaked


@each_attack
def test_the_next_report_is_the_same_as_before_it(strongest: Run, attack: Attack) -> None:
    assert not graded(strongest, attack.id).neighbour


@each_attack
def test_grader_zygote_and_host_are_as_before_it(strongest: Run, attack: Attack) -> None:
    assert not graded(strongest, attack.id).host


def test_nothing_is_left_when_the_sandbox_is_closed(strongest: Run) -> None:
    assert isinstance(strongest.end, Finished), strongest.said
    assert not strongest.end.left


def test_the_neighbour_has_points_to_lose(strongest: Run) -> None:
    assert isinstance(strongest.end, Finished), strongest.said
    assert strongest.end.neighbour_points == 70


# --- In every other combination, and as an ordinary user, one of each family ---------------------


def test_one_attack_of_each_family_wins_nothing_there_either(elsewhere: Run) -> None:
    if isinstance(elsewhere.end, Refused):
        pytest.skip(elsewhere.end.reason)
    assert isinstance(elsewhere.end, Finished), elsewhere.said
    attacked = {name: result for name, result in elsewhere.graded.items() if name != CONTROL}
    assert {BY_ID[name].family for name in attacked} == {attack.family for attack in ATTACKS}
    assert elsewhere.end.neighbour_points == 70
    assert not elsewhere.end.left
    for name, result in attacked.items():
        assert not holes(BY_ID[name], result), name
        assert not result.errored, name
        assert not result.neighbour, name
        assert not result.host, name


# --- The attacks themselves, and whether a hole would show ---------------------------------------


def test_there_are_eighty_attacks_or_more_in_ten_families() -> None:
    by_family = Counter(attack.family for attack in ATTACKS)

    assert len(by_family) == 10
    assert by_family.total() >= 80


def test_every_leaking_attack_says_what_would_be_seen() -> None:
    assert [a.id for a in ATTACKS if a.family == "leaking" and not a.leaks] == []


def test_a_right_answer_under_a_label_that_allows_none_is_reported(strongest: Run) -> None:
    nothing = labelled("control", "a-hole.py", b"# wants: a point\n# honest: nothing\n")

    assert "label says 0" in holes(nothing, graded(strongest, CONTROL))


def test_an_honest_part_that_lost_its_points_is_reported(strongest: Run) -> None:
    label = b"# wants: a point\n# honest: conv2d 25, learned-kernel 30\n"
    both = labelled("control", "a-hole.py", label)

    assert "label says 30" in holes(both, graded(strongest, CONTROL))


def test_what_is_left_behind_is_seen(tmp_path: Path) -> None:
    before = host_state.look(tmp_path)

    (tmp_path / "left").write_text("")
    with subprocess.Popen(["sleep", "60"]) as process, socket.create_server(("127.0.0.1", 0)):
        lines = "\n".join(host_state.differences(before, host_state.look(tmp_path)))
        process.kill()

    assert f"left: {tmp_path / 'left'}" in lines
    assert f"left: process {process.pid} sleep" in lines
    assert "left: socket tcp 0100007F:" in lines
    assert "left: descriptor" in lines
