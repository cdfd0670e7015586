"""Void checks: everybody has their points, and everything that students read says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import AuthorError
from autograder.gradebook.comments import comment_on
from autograder.grading.course import ClassResult
from autograder.grading.grade import Bench, grade_one
from autograder.grading.naming import Named, with_names
from autograder.grading.session import Runner, run_session
from autograder.grading.void import voided
from autograder.misconceptions import Recogniser
from autograder.outputs.terminal import class_table
from autograder.report import (
    CheckResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Report,
    Visibility,
    student_view,
)
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, CarriedForward, Exercise, Limits
from autograder.submission import Submission, as_form

SEEN = """
import torch
from autograder.checks import assert_close, check

@check("double", points=2, title="The **right** one", hint="Twice.")
def test_right(student):
    assert_close(student.double(torch.ones(2)), 2 * torch.ones(2))

@check("double", points=3, title="The wrong one", hint="Thrice.")
def test_wrong(student):
    assert_close(student.double(torch.ones(2)), 3 * torch.ones(2))

@check("double", points=4, title="The broken one", hint="x")
def test_broken(student):
    None.shape

@check("slow", points=1, title="Slow one", hint="x")
def test_slow_1(student):
    student.slow()

@check("slow", points=1, title="Slow two", hint="x")
def test_slow_2(student):
    student.slow()

@check("slow", points=1, title="Quick", hint="x")
def test_quick(student):
    student.double(torch.ones(1))
"""
UNSEEN = """
import torch
from autograder.checks import assert_close, check

@check("other", points=1, title="What uses double", hint="Four times.")
def test_uses(student):
    assert_close(student.twice(torch.ones(1, 1)), 4 * torch.ones(1, 1))
"""
DOUBLES = """
def double(x): return 2 * x
def slow():
    while True: pass
def twice(x): return corr2d(x, 4 * x)
"""
SAID = "this check was found to be wrong; everybody has its points"
LIMITS = Limits(statement_cpu_seconds=0.5, check_cpu_seconds=0.1, memory_mib=512, scratch_mib=1)
PROVENANCE = Provenance(
    grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="", torch="0", python="0",
    sandbox_layers=("bubblewrap",), graded_at="",
)  # fmt: skip
CARRIED = CarriedForward(lost=("double",), rerun=("other",), name="corr2d", function="conv2d")


def toy(*void: str) -> AssignmentSpec:
    return AssignmentSpec(
        title="Toy",
        name="toy",
        exercises=(
            Exercise("double", "Twice as much", 9),
            Exercise("slow", "In time", 3),
            Exercise("other", "What uses it", 1),
        ),
        limits=LIMITS,
        carried_forward=CARRIED,
        void=void,
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("toy")
    for name, text in (("visible", SEEN), ("hidden", UNSEEN)):
        (root / name).mkdir()
        (root / name / f"test_{name}.py").write_text(text)
    return root / "visible", root / "hidden"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(toy()) as sandbox:
        yield sandbox


def grade(
    spec: AssignmentSpec, folders: tuple[Path, Path], sandbox: Sandbox, *sources: str
) -> list[Report]:
    """A report on each of ``sources``, and one on a submission without a readable file."""
    reports: list[Report] = []

    def body(runner: Runner) -> None:
        bench = Bench(spec, runner, sandbox, b"0123456789abcdef", PROVENANCE)
        for source in sources:
            form = as_form("toy.py", source.encode(), "toy")
            reports.append(grade_one(Submission("ada", (form,)), bench))
        reports.append(grade_one(Submission("nobody", (), ("toy.py: is empty",)), bench))

    run_session(*folders, spec, body)
    return reports


@pytest.fixture(scope="module")
def report(folders: tuple[Path, Path], sandbox: Sandbox) -> Report:
    """Three void checks: one failed, one that breaks on our side, one that runs out of time."""
    spec = toy("test_wrong", "test_broken", "test_slow_1", "test_slow_2")
    return grade(spec, folders, sandbox, DOUBLES)[0]


@pytest.fixture(scope="module")
def plain(folders: tuple[Path, Path], sandbox: Sandbox) -> Report:
    """The same file, nothing void."""
    return grade(toy(), folders, sandbox, DOUBLES)[0]


def check(report: Report, name: str) -> CheckResult:
    [found] = (c for exercise in report.exercises for c in exercise.checks if c.name == name)
    return found


def test_a_void_check_runs_and_gives_its_points_whatever_came_of_it(report: Report) -> None:
    wrong, broken, right = (check(report, f"test_{n}") for n in ("wrong", "broken", "right"))

    assert (wrong.outcome, wrong.score, wrong.void) == (Outcome.FAILED, 3, True)
    assert (broken.outcome, broken.score, broken.void) == (Outcome.ERRORED, 4, True)
    assert (right.outcome, right.score, right.void) == (Outcome.PASSED, 2, False)
    assert "expected" in wrong.detail and "NoneType" in broken.detail
    assert report.exercises[0].score == 9


def test_without_void_the_same_checks_cost_points_and_the_score(plain: Report) -> None:
    assert check(plain, "test_wrong").score == 0
    assert check(plain, "test_broken").score is None
    assert plain.score is None
    assert not any(c.void for exercise in plain.exercises for c in exercise.checks)


def test_the_student_reads_one_fixed_sentence_and_no_hint(report: Report) -> None:
    [wrong] = (c for e in student_view(report).exercises for c in e.checks if "wrong" in c.title)

    assert (wrong.message, wrong.hint, wrong.void) == (SAID, "", True)


def test_a_remark_for_students_names_the_title_of_each_void_check(report: Report) -> None:
    remarks = student_view(report).remarks

    assert "“The wrong one” was found to be wrong; everybody has its points" in remarks
    assert sum("was found to be wrong" in remark for remark in remarks) == 4
    assert not any("right" in remark for remark in remarks if "found to be wrong" in remark)


def test_the_time_outs_of_void_checks_cost_no_other_check_its_turn(
    report: Report, plain: Report
) -> None:
    assert check(report, "test_slow_1").message == SAID
    assert check(report, "test_quick").outcome is Outcome.PASSED
    assert check(plain, "test_quick").outcome is Outcome.FAILED


def test_points_that_only_void_checks_cost_are_not_lost_and_carry_no_error_forward(
    folders: tuple[Path, Path], sandbox: Sandbox
) -> None:
    all_void = ("test_wrong", "test_broken")

    [void, _nobody] = grade(toy(*all_void), folders, sandbox, DOUBLES)
    [lost, _nobody] = grade(toy("test_broken"), folders, sandbox, DOUBLES)

    assert (check(void, "test_uses").score, check(void, "test_uses").carried_forward) == (0, False)
    assert (check(lost, "test_uses").score, check(lost, "test_uses").carried_forward) == (1, True)


def test_a_void_check_of_a_dependent_exercise_is_not_run_again(
    folders: tuple[Path, Path], sandbox: Sandbox
) -> None:
    [report, _nobody] = grade(toy("test_uses", "test_broken"), folders, sandbox, DOUBLES)

    uses = check(report, "test_uses")
    assert (uses.score, uses.outcome, uses.carried_forward) == (1, Outcome.FAILED, False)
    assert not any("in the place of yours" in remark.text for remark in report.remarks)


def test_what_could_not_be_read_has_no_score_although_a_check_is_void(
    folders: tuple[Path, Path], sandbox: Sandbox
) -> None:
    [report] = grade(toy("test_wrong"), folders, sandbox)

    assert report.score is None
    assert [exercise.score for exercise in report.exercises] == [None] * 3
    assert not any("found to be wrong" in remark.text for remark in report.remarks)


def test_a_name_that_is_no_check_is_an_authors_error_with_file_and_fix(
    folders: tuple[Path, Path],
) -> None:
    with pytest.raises(
        AuthorError,
        match=r"(?s)solutions/toy/assignment.toml: void names test_rong, which is no check\n"
        r"  fix: one of .*test_wrong",
    ):
        run_session(*folders, toy("test_right", "test_rong"), lambda runner: None)


def test_no_misconception_is_named_for_a_void_check() -> None:
    class Knows(Recogniser):
        def __init__(self) -> None: ...
        def name(self, judged: object) -> dict[str, object]:  # type: ignore[override]
            return {"test_a": None}

    failed = CheckResult(
        name="test_a", title="A", visibility=Visibility.HIDDEN, outcome=Outcome.FAILED, score=0,
        max_score=2, misconception="flipped",
    )  # fmt: skip
    void = voided(failed)
    exercise = ExerciseResult(name="e", score=2, max_score=2, checks=(void,))

    named = with_names((exercise,), {}, Knows())

    assert void.misconception is None
    assert named == Named((exercise,))


def test_the_comment_in_the_gradebook_says_so_and_counts_it_as_nothing_lost(
    report: Report,
) -> None:
    [exercise, *_others] = student_view(report).exercises

    assert comment_on(exercise, "Twice as much") == (
        f"**Twice as much**: 9 of 9 points\n\n- The wrong one — {SAID}\n- The broken one — {SAID}"
    )


def test_the_class_table_tells_of_void_checks_once_and_of_no_student_for_them(
    report: Report, tmp_path: Path
) -> None:
    table = class_table(toy(), ClassResult((report, report), ()), tmp_path)

    assert table.count("“The wrong one” was found to be wrong; everybody has its points") == 1
    assert "ada: “" not in table
    assert "broke on our side" not in table
