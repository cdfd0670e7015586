"""Grades the hostile in a course copy, as root or an ordinary user, and reads what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox.combinations import COMBINATIONS
from tests.autograder.attacks.course_copy import Place, give_to, make_place
from tests.autograder.attacks.results import Run, read_results

ORDINARY_UID = 64_321  # nobody's, so that no process of another program counts as its


def grade_hostile(
    combinations: Sequence[str],
    only: Sequence[str] | None,
    ordinary_user: bool = False,
    neighbour_every: int = 1,
) -> dict[str, Run]:
    """Grade the attacks ``only``, or all, in a sandbox of each combination: runs by combination."""
    root = Path(tempfile.mkdtemp(prefix="attacks-"))
    try:
        place = make_place(root / "own")
        results = root / "results.jsonl"
        results.touch()
        root.chmod(0o755)  # another uid must reach the engine and the interpreter
        if ordinary_user:
            give_to(place, ORDINARY_UID)
            os.chown(results, ORDINARY_UID, ORDINARY_UID)
        command = [*_before(combinations, ordinary_user), sys.executable]
        command += ["-m", "tests.autograder.attacks.grading", str(results)]
        command += ["--neighbour-every", str(neighbour_every)]
        command += ["--combinations", *combinations]
        command += ["--only", *only] if only is not None else []
        ended = run_in(place, command)
        said = ended.stdout[-4000:]
        found = read_results(results, said)
        return {name: found.get(name, Run({}, None, said)) for name in combinations}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def run_in(place: Place, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of ours in the course copy; stdout and stderr come back as one text."""
    return subprocess.run(
        command,
        cwd=place.course,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,  # an attack on the whole process group ends here
    )


def _before(combinations: Sequence[str], ordinary_user: bool) -> list[str]:
    """What to put before the command, so that the right user can start it, and sandboxes too."""
    if ordinary_user:
        return as_ordinary_user()
    uids_of_their_own = {one.name for one in COMBINATIONS if one.other_uid and not one.bubblewrap}
    can = os.geteuid() == 0 and shutil.which("bwrap") is not None
    return for_every_user() if can and uids_of_their_own.intersection(combinations) else []


def as_ordinary_user() -> list[str]:
    """What to put before a command that root starts, so that an ordinary user runs it."""
    user = str(ORDINARY_UID)
    return [
        *for_every_user(),
        *("setpriv", "--reuid", user, "--regid", user, "--clear-groups"),
        *("--bounding-set", "-all", "--inh-caps", "-all", "--"),
    ]


def for_every_user() -> list[str]:
    """What to put before a command, so that any user can reach the interpreter.

    One below a home of mode 0700 is bound to where it is, in a home that holds nothing else.
    """
    shown: list[str] = []
    for needed in dict.fromkeys((sys.base_prefix, sys.prefix)):
        above = list(reversed(Path(needed).parents))
        closed = next((p for p in above if not p.stat().st_mode & 0o001), None)
        if closed is None:
            continue
        if str(closed) not in shown:
            shown += ["--perms", "0755", "--tmpfs", str(closed)]
        for parent in above[above.index(closed) + 1 :]:
            shown += ["--perms", "0755", "--dir", str(parent)]
        shown += ["--ro-bind", needed, needed]
    return ["bwrap", "--dev-bind", "/", "/", *shown, "--die-with-parent", "--"]
