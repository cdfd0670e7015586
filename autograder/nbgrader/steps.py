"""Which steps ``nbgrader autograde`` takes, by name: formgrader shows its configuration as JSON."""

from __future__ import annotations

from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, Execute, SaveAutoGrades

_OURS = "autograder.nbgrader.preprocessors."
_IN_THE_PLACE_OF = {
    Execute: "GradeInSandbox",
    SaveAutoGrades: "SaveResults",
    AssignLatePenalties: "LatePenalties",
}


def autograde_preprocessors() -> list[str]:
    """nbgrader's own steps, with ours in the place of those that run and score the notebook."""
    return [
        _OURS + _IN_THE_PLACE_OF[step] if step in _IN_THE_PLACE_OF else _name(step)
        for step in Autograde.autograde_preprocessors.default()
    ]


def _name(step: type) -> str:
    return f"{step.__module__}.{step.__qualname__}"
