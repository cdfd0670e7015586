"""Which layers are put round the zygote: the ways to start it, strongest first.

Grading takes the first that proves itself here (`host.Sandbox`), so that a machine without
bubblewrap or user namespaces is isolated by what it does have, or refused. The tests switch the
rest of the table on; no command can.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Combination:
    """One way to start the zygote. ``without`` names layers left out, in tests only."""

    name: str
    bubblewrap: bool
    other_uid: bool
    """An unused uid of its own; only root can take one."""

    without: frozenset[str] = frozenset()
    """Of "namespaces" (a network for the zygote; process numbers and scratch for each child) and
    "landlock"; where the kernel does not have them they are left out anyway."""


STARTS = (
    Combination("bubblewrap, own uid", bubblewrap=True, other_uid=True),
    Combination("bubblewrap", bubblewrap=True, other_uid=False),
    Combination("own uid", bubblewrap=False, other_uid=True),
    Combination("same uid", bubblewrap=False, other_uid=False),
)
"""What grading tries, in this order."""

_NO_NAMESPACES, _NO_LANDLOCK = frozenset({"namespaces"}), frozenset({"landlock"})

COMBINATIONS = (
    *STARTS,
    Combination("bubblewrap, no namespaces", True, False, _NO_NAMESPACES),
    Combination("bubblewrap, no Landlock", True, False, _NO_LANDLOCK),
    Combination("own uid, no namespaces", False, True, _NO_NAMESPACES),
    Combination("same uid, no namespaces", False, False, _NO_NAMESPACES),
)
"""Every combination that may grade, on some machine or other. Tests and the soak go through it."""

REFUSED = Combination("same uid, no Landlock", False, False, _NO_LANDLOCK | _NO_NAMESPACES)
"""Nothing keeps student code from reading what its user may read: never graded in."""
