"""A class of sixty: what twenty hostile students can do to the forty others, which is nothing."""

from __future__ import annotations

import msgspec

from autograder.report import Outcome, Report
from tests.autograder.attacks.class_of_sixty import HONEST, HOSTILE, ClassOfSixty


def without_times(report: Report) -> Report:
    provenance = msgspec.structs.replace(report.provenance, graded_at="")
    return msgspec.structs.replace(report, duration_seconds=0.0, provenance=provenance)


def test_forty_and_sixty_have_a_report_each(class_of_sixty: ClassOfSixty) -> None:
    assert not class_of_sixty.said
    assert len(class_of_sixty.hostile) == HOSTILE
    assert len(class_of_sixty.without) == HONEST
    assert len(class_of_sixty.together) == HONEST + HOSTILE


def test_the_reports_of_the_forty_are_the_same_but_for_the_times(
    class_of_sixty: ClassOfSixty,
) -> None:
    for student, report in class_of_sixty.without.items():
        assert without_times(report) == without_times(class_of_sixty.together[student]), student


def test_the_forty_have_points_to_lose(class_of_sixty: ClassOfSixty) -> None:
    scores = {report.score for report in class_of_sixty.without.values()}

    assert scores == {70, 29}  # corr2d right, and wrong by a little


def test_no_check_broke_on_any_of_the_sixty(class_of_sixty: ClassOfSixty) -> None:
    for student, report in class_of_sixty.together.items():
        for check in (check for exercise in report.exercises for check in exercise.checks):
            assert check.outcome is not Outcome.ERRORED, f"{student}: {check.name}: {check.detail}"
