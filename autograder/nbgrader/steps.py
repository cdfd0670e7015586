"""Which steps ``nbgrader autograde`` takes, by name: formgrader shows its configuration as JSON."""

from __future__ import annotations

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

_OURS = "autograder.nbgrader.preprocessors."


def sanitize_preprocessors() -> list[str]:
    """nbgrader's own steps before grading, and ours as the first."""
    return [_OURS + "Sanitise", *map(_name, Autograde.sanitize_preprocessors.default())]


def autograde_preprocessors() -> list[str]:
    """nbgrader's own steps, with ours in the place of the one that runs the notebook, and last."""
    stock = Autograde.autograde_preprocessors.default()
    return [
        *(_OURS + "GradeInSandbox" if step is Execute else _name(step) for step in stock),
        _OURS + "WriteResults",
    ]


def _name(step: type) -> str:
    return f"{step.__module__}.{step.__qualname__}"
