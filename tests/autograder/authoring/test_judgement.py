"""What an audit concludes, on made-up runs: no sandbox, no file."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.authoring.judgement import Audit, CheckRun, Kind, Run, judge
from autograder.authoring.labelled import Label
from autograder.authoring.mutants import Equivalent, Mutant

# Two exercises: "sum" with the checks a (2 points) and b (3), "mean" with the check c (5).
CHECKS = {"a": ("sum", 2), "b": ("sum", 3), "c": ("mean", 5)}


def run(
    name: str,
    failed: Sequence[str] = (),
    label: Label | None = None,
    *,
    kind: Kind | None = None,
    named: str | None = None,
    errored: Sequence[str] = (),
) -> Run:
    checks = {
        check: CheckRun(
            exercise,
            points if check in failed or check in errored else 0,
            points,
            check in errored,
            named if check in failed else None,
            "Traceback\nTypeError: ours",
        )
        for check, (exercise, points) in CHECKS.items()
    }
    return Run(name, kind or ("wrong" if label else "right"), label, checks)


def mutant(name: str, failed: Sequence[str] = ()) -> Run:
    return run(name, failed, kind="mutant")


def loses(*exercises: str, all_of: Sequence[str] = (), misconception: str | None = None) -> Label:
    return Label("a mistake", exercises, tuple(all_of), misconception)


def told(audit: Audit, kind: str) -> list[str]:
    return [f"{defect.what}: {defect.why}" for defect in audit.of(kind)]


# Something fails each check, so that what is looked at is the only defect.
COVERED = (run("w1", ["a", "b"], loses("sum")), run("w2", ["c"], loses("mean")))


def test_a_set_that_is_graded_as_labelled_has_no_defect() -> None:
    audit = judge([run("r"), *COVERED, mutant("m", ["a"])], list(CHECKS))

    assert audit.defects == ()
    assert (audit.right, audit.wrong, audit.mutants, audit.checks) == (1, 2, 1, 3)


def test_a_right_answer_that_loses_a_point_is_a_defect_with_the_checks_named() -> None:
    audit = judge([run("r", ["b"]), *COVERED], list(CHECKS))

    assert told(audit, "lost") == ["r: sum -3: b"]


def test_a_wrong_answer_that_keeps_all_is_a_defect() -> None:
    audit = judge([run("w", [], loses("mean")), *COVERED], list(CHECKS))

    assert told(audit, "kept") == ["w: keeps all of mean"]


def test_points_lost_outside_the_label_are_a_defect() -> None:
    audit = judge([run("w", ["a", "c"], loses("sum")), *COVERED], list(CHECKS))

    assert told(audit, "outside") == ["w: mean -5: c"]


def test_what_must_lose_everything_may_keep_nothing() -> None:
    audit = judge([run("zeros", ["a"], loses(all_of=["sum"])), *COVERED], list(CHECKS))

    assert told(audit, "kept") == ["zeros: sum: b"]


def test_an_errored_check_is_a_defect_wherever_it_is() -> None:
    audit = judge([mutant("m", ["a"]), run("r", errored=["c"]), *COVERED], list(CHECKS))

    assert told(audit, "errored") == ["r: c: TypeError: ours"]


def test_a_mutant_that_no_check_fails_on_is_a_defect() -> None:
    audit = judge([mutant("- x  + y"), *COVERED], list(CHECKS))

    assert [defect.what for defect in audit.of("survived")] == ["- x  + y"]


def test_a_mutant_that_is_listed_as_equivalent_is_none() -> None:
    name = Mutant("x", "y").name

    audit = judge([mutant(name), *COVERED], list(CHECKS), [Equivalent("x", "y", "the same")])

    assert audit.defects == ()
    assert audit.equivalent == 1


def test_a_listed_mutant_that_a_check_fails_on_is_a_defect_of_the_list() -> None:
    name = Mutant("x", "y").name

    audit = judge([mutant(name, ["a"]), *COVERED], list(CHECKS), [Equivalent("x", "y", "no")])

    assert [defect.what for defect in audit.of("stale")] == [name]


def test_a_listed_mutant_that_is_no_more_is_told_only_when_all_mutants_were_made() -> None:
    listed = [Equivalent("x", "y", "gone")]

    assert judge(COVERED, list(CHECKS), listed).of("stale")
    assert not judge(COVERED, list(CHECKS), listed, whole=False).of("stale")


def test_a_check_that_no_wrong_submission_fails_is_a_defect() -> None:
    audit = judge([run("w", ["a"], loses("sum")), COVERED[1]], list(CHECKS))

    assert [defect.what for defect in audit.of("idle")] == ["b"]


def test_checks_that_always_fail_together_are_listed_and_are_no_defect() -> None:
    audit = judge(COVERED, list(CHECKS))

    assert audit.together == (("a", "b"),)
    assert audit.defects == ()


def test_a_check_that_is_left_out_shows_what_only_it_holds() -> None:
    audit = judge([*COVERED, mutant("m", ["c"])], list(CHECKS), without=["c"])

    assert told(audit, "kept") == ["w2: keeps all of mean"]
    assert [defect.what for defect in audit.of("survived")] == ["m"]
    assert audit.checks == 2


def test_a_mistake_by_the_right_name_counts() -> None:
    label = loses("sum", misconception="flipped")

    audit = judge([run("w", ["a", "b"], label, named="flipped"), *COVERED], list(CHECKS))

    assert (audit.with_name, audit.named, audit.defects) == (1, 1, ())


def test_a_mistake_by_a_wrong_name_is_a_defect() -> None:
    label = loses("sum", misconception="flipped")

    audit = judge([run("w", ["a", "b"], label, named="padded"), *COVERED], list(CHECKS))

    assert told(audit, "misnamed") == ["w: is called padded"]


def test_a_name_on_a_mistake_that_has_none_is_a_defect() -> None:
    audit = judge([run("w", ["a", "b"], loses("sum"), named="padded"), *COVERED], list(CHECKS))

    assert told(audit, "misnamed") == ["w: is called padded"]


def test_one_mistake_in_twenty_may_go_without_its_name_but_no_more() -> None:
    label = loses("sum", misconception="flipped")
    known = [run(f"w{n}", ["a", "b"], label, named="flipped") for n in range(3, 22)]
    unknown = [run(f"u{n}", ["a", "b"], label) for n in range(2)]

    assert not judge([*COVERED, *known, unknown[0]], list(CHECKS)).defects
    assert [d.what for d in judge([*COVERED, *known, *unknown], list(CHECKS)).of("unnamed")] == [
        "u0",
        "u1",
    ]


def test_a_verdict_that_depends_on_the_seed_is_a_defect() -> None:
    lucky = Run("w", "wrong", loses("sum"), run("w", ["a"]).checks, {"a": 3})

    audit = judge([lucky, *COVERED], list(CHECKS))

    assert told(audit, "luck") == ["w: a (3 seeds)"]
