"""What a student reads beside the code: the mistake by its name first, then titles and hints."""

from __future__ import annotations

import msgspec

from autograder.gradebook.comments import comment_on
from autograder.report import MisconceptionView, Outcome
from autograder.report.student_view import CheckView, ExerciseView

TURNED = MisconceptionView(name="turned", sentence="It is turned.", read_on="Part 1")
OTHER = MisconceptionView(name="other", sentence="Another thing.", read_on="Part 2")


def exercise(*misconceptions: str | None) -> ExerciseView:
    checks = tuple(
        CheckView(
            title=f"Check {number}", hidden=True, outcome=Outcome.FAILED, score=0, max_score=1,
            message="", hint="Look again.", misconception=name, carried_forward=False,
        )
        for number, name in enumerate(misconceptions, start=1)
    )  # fmt: skip
    return ExerciseView(name="e", score=0, max_score=len(checks), checks=checks)


def test_a_named_mistake_comes_first_and_once_and_stands_for_its_checks() -> None:
    comment = comment_on(exercise("turned", None, "turned"), "Sums", [TURNED, OTHER])

    assert comment.splitlines()[2:] == [
        "- It is turned. Read on: Part 1. (2 checks fail by it.)",
        "- Check 2 — Look again.",
    ]


def test_a_mistake_of_another_exercise_is_not_told_here() -> None:
    assert "Another thing" not in comment_on(exercise(None, "turned"), "Sums", [TURNED, OTHER])


def test_the_sentence_is_text_and_no_markup() -> None:
    marked = MisconceptionView(name="turned", sentence="use <b> and *x*", read_on="[here](x)")

    comment = comment_on(exercise("turned"), "Sums", [marked])

    assert "<b>" not in comment and "*x*" not in comment and "[here](x)" not in comment


def test_checks_of_what_is_not_begun_are_counted_in_one_line() -> None:
    stub = exercise(None, None, None)
    begun, *waiting = stub.checks
    checks = (begun, *(msgspec.structs.replace(one, failure="not-begun") for one in waiting))

    comment = comment_on(msgspec.structs.replace(stub, checks=checks), "Sums")

    assert comment.splitlines()[2:] == [
        "- Not begun yet: 2 checks wait for it.",
        "- Check 1 — Look again.",
    ]
