"""The runs that the tests look at; they go on beside the tests, three at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.autograder.attacks.class_of_sixty import ClassOfSixty, grade_class_of_sixty
from tests.autograder.attacks.grading import CONTROL, STRONGEST
from tests.autograder.attacks.hostile import find_attacks
from tests.autograder.attacks.results import Run, put_together
from tests.autograder.attacks.runs import grade_hostile
from tests.autograder.attacks.samples import ELSEWHERE, HOSTILE, Elsewhere, sample

HALVES = ("strongest, one half", "strongest, the other half")


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[object]]]:
    """By name, every run that a selected test needs: `pytest -k reading` grades no more."""
    needed = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    attacks = [
        item.callspec.params["attack"].id
        for item in request.session.items
        if isinstance(item, pytest.Function) and "attack" in getattr(item, "callspec", _None).params
    ]
    pool = ThreadPoolExecutor(max_workers=3)
    started: dict[str, Future[object]] = {}
    if "strongest" in needed:
        for number, name in enumerate(HALVES):  # of each family some, since some only wait
            part = [*sorted(set(attacks))[number :: len(HALVES)], CONTROL]
            started[name] = pool.submit(grade_hostile, [STRONGEST], part)
    if "class_of_sixty" in needed:
        started["class of sixty"] = pool.submit(grade_class_of_sixty)
    if "elsewhere" in needed:
        for ordinary in (False, True):
            wanted = [e for e in ELSEWHERE if e.ordinary_user is ordinary and e.reason is None]
            if wanted:
                names = [one.combination for one in wanted]
                run = pool.submit(grade_hostile, names, [*sample(), CONTROL], ordinary, 6)
                started.update((one.name, run) for one in wanted)
    yield started
    pool.shutdown(cancel_futures=True)


class _None:
    params: Mapping[str, object] = {}


@pytest.fixture(scope="session")
def strongest(runs: Mapping[str, Future[dict[str, Run]]]) -> Run:
    """All attacks in the strongest combination, as the user who runs the tests."""
    return put_together([runs[name].result()[STRONGEST] for name in HALVES])


@pytest.fixture(scope="session", params=ELSEWHERE, ids=lambda one: one.name)
def elsewhere(request: pytest.FixtureRequest, runs: Mapping[str, Future[dict[str, Run]]]) -> Run:
    """One attack of each family in another combination, or as another user."""
    one: Elsewhere = request.param
    if one.reason is not None:
        pytest.skip(one.reason)
    return runs[one.name].result()[one.combination]


@pytest.fixture(scope="session")
def class_of_sixty(runs: Mapping[str, Future[ClassOfSixty]]) -> ClassOfSixty:
    """A class graded with and without its hostile students."""
    return runs["class of sixty"].result()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many attacks there are, by family."""
    families = Counter(attack.family for attack in find_attacks(HOSTILE))
    counts = ", ".join(f"{family} {count}" for family, count in sorted(families.items()))
    terminalreporter.write_line(f"{families.total()} hostile submissions: {counts}")
