"""Void checks: they were found wrong, and everybody has their points, whatever came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from autograder.messages import _
from autograder.report import CheckResult, ExerciseResult, Remark


def voided(result: CheckResult) -> CheckResult:
    """``result`` with full points; its outcome and detail stay for the instructor."""
    return msgspec.structs.replace(
        result,
        score=result.max_score,
        message=_("this check was found to be wrong; everybody has its points"),
        misconception=None,
        carried_forward=False,
        void=True,
    )


def void_remarks(exercises: Iterable[ExerciseResult]) -> Iterator[Remark]:
    """A remark for the student on each void check, by its title."""
    for exercise in exercises:
        for check in exercise.checks:
            if check.void:
                yield Remark(
                    text=_("“{title}” was found to be wrong; everybody has its points").format(
                        title=check.title
                    )
                )
