"""Where else attacks are graded than in the strongest combination, and which ones there."""

from __future__ import annotations

import os
import shutil

import msgspec

from autograder.sandbox.combinations import COMBINATIONS
from tests.autograder.attacks.hostile import find_attacks
from tests.autograder.conftest import ROOT

HOSTILE = ROOT / "tests" / "submissions" / "convolutions" / "hostile"
# The one of a family that leans hardest on the layers; the first in the others.
_LEANS_ON_LAYERS = {
    "resources": "fork_bomb",
    "exits": "kill_the_parent",
    "reading": "grader_memory",
    "escaping": "network",
}


class Elsewhere(msgspec.Struct, frozen=True):
    """A combination of layers and a user; ``reason`` is why it is not to be had here."""

    combination: str
    ordinary_user: bool
    reason: str | None = None

    @property
    def name(self) -> str:
        """How a test and a table name it."""
        user = "ordinary user" if self.ordinary_user else "this user"
        return f"{self.combination}, {user}"


def sample() -> list[str]:
    """One attack of each family, by id."""
    chosen: dict[str, str] = {}
    for attack in find_attacks(HOSTILE):
        preferred = f"{attack.family}/{_LEANS_ON_LAYERS.get(attack.family)}"
        if attack.family not in chosen or attack.id == preferred:
            chosen[attack.family] = attack.id
    return sorted(chosen.values())


def everywhere() -> list[Elsewhere]:
    """Every combination as the user who runs this and as an ordinary one, the strongest first."""
    no_other_user = None
    if os.geteuid() != 0:
        no_other_user = "only root can start a grader as another user"
    elif shutil.which("bwrap") is None or shutil.which("setpriv") is None:
        no_other_user = "bwrap and setpriv are needed to start a grader as another user"
    return [
        Elsewhere(one.name, ordinary, no_other_user if ordinary else None)
        for ordinary in (False, True)
        for one in COMBINATIONS
    ]


ELSEWHERE = everywhere()[1:]
