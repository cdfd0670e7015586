"""All attacks in all combinations of layers, as root and as an ordinary user: `make soak`.

With arguments, only where they name: `tests/soak.py "same uid, this user"`. It takes minutes each.

Prints one line for each combination and family: attacks, whether all held, seconds. Ends with 1
where one did not. An attack whose label names a layer it needs is known to win without that layer
(docs/threat-model.md says so): it counts as held there, and stands in a column of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a script, not by pytest

from tests.autograder.attacks.grading import CONTROL
from tests.autograder.attacks.hostile import Attack, find_attacks
from tests.autograder.attacks.results import Finished, Refused, Run, wrong_points
from tests.autograder.attacks.runs import grade_hostile
from tests.autograder.attacks.samples import HOSTILE, Elsewhere, everywhere


def main() -> int:
    """Grade everything everywhere; 0 when all held."""
    attacks = {attack.id: attack for attack in find_attacks(HOSTILE)}
    wrong: list[str] = []
    print(f"{'family':18} {'attacks':>7}  {'all held':8} {'known':>5} {'seconds':>8}")
    for place in everywhere():
        if sys.argv[1:] and place.name not in sys.argv[1:]:
            continue
        print(f"\n{place.name}", flush=True)
        if place.reason is not None:
            print(f"  not here: {place.reason}")
            continue
        found = grade_hostile([place.combination], None, place.ordinary_user)
        wrong += _report(place, found[place.combination], attacks)
    print("", *wrong, f"{len(wrong)} did not hold" if wrong else "all held", sep="\n")
    return 1 if wrong else 0


def _report(place: Elsewhere, run: Run, attacks: dict[str, Attack]) -> Iterator[str]:
    """Print the lines of one combination; what did not hold in it."""
    if isinstance(run.end, Refused):
        print(f"  not here: {run.end.reason}")
        return
    layers = run.end.layers if isinstance(run.end, Finished) else ()
    for family in sorted({attack.family for attack in attacks.values()}):
        graded = [
            one
            for name, one in run.graded.items()
            if name in attacks and attacks[name].family == family
        ]
        known = [one.id for one in graded if _is_known(attacks[one.id], layers)]
        lost = [
            f"{place.name}: {one.id}: {what}"
            for one in graded
            for what in _harm(attacks[one.id], run, known)
        ]
        held = "no" if lost else "yes"
        seconds = sum(one.seconds for one in graded)
        print(f"  {family:16} {len(graded):>7}  {held:8} {len(known):>5} {seconds:>8.1f}")
        yield from lost
    if not isinstance(run.end, Finished):
        last = list(run.graded)[-1:]
        yield f"{place.name}: the grader ended after {last}\n{run.said}"
    elif run.end.left:
        yield f"{place.name}: when the sandbox was closed: {run.end.left}"
    if CONTROL in run.graded and not wrong_points({}, False, run.graded[CONTROL]):
        yield f"{place.name}: a hole made on purpose did not show"
    print(f"  layers: {', '.join(layers)}", flush=True)


def _harm(attack: Attack, run: Run, known: list[str]) -> Iterator[str]:
    """What one attack did that it must not."""
    result = run.graded[attack.id]
    if attack.id not in known:
        yield from wrong_points(attack.honest, attack.at_most, result)
    yield from (*result.errored, *result.neighbour, *result.host)


def _is_known(attack: Attack, layers: tuple[str, ...]) -> bool:
    names = {layer.partition(":")[0] for layer in layers}
    return attack.needs is not None and attack.needs not in names


if __name__ == "__main__":
    sys.exit(main())
