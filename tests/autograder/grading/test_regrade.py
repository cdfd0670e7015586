"""What was graded once: exercises stay as they are, scores do not fall, and who changes is told."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from autograder import cli
from autograder.errors import AuthorError, OperatorError
from autograder.gradebook.deadlines import Deadlines
from autograder.gradebook.writer import GradebookWriter
from autograder.grading.course import ClassResult, grade_class
from autograder.grading.regrade import Change, keeps_before, refuse_frozen, settle
from autograder.grading.run import Options, Step
from autograder.grading.stored import read_report, report_path
from autograder.outputs.progress import change_line
from autograder.report import (
    CheckResult,
    ExerciseResult,
    Outcome,
    Provenance,
    Report,
    SubmittedFile,
    Visibility,
    encode_report,
)
from autograder.spec import AssignmentSpec, Exercise, find_course
from autograder.submission import Submission

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

ONE = Exercise("one", "The one", 100)
SPEC = AssignmentSpec(title="Toy", name="toy", exercises=(ONE,))
SAME, OTHER = "a" * 64, "b" * 64


def report(
    score: int | None, sha256: str | None = SAME, student: str = "ada", points: int = 100,
    late: float = 0.0,
) -> Report:  # fmt: skip
    broken = CheckResult(
        name="test_x", title="X", visibility=Visibility.HIDDEN, score=score, max_score=points,
        outcome=Outcome.ERRORED if score is None else Outcome.FAILED,
    )  # fmt: skip
    exercise = ExerciseResult(name="one", score=score, max_score=points, checks=(broken,))
    return Report(
        assignment="toy", student=student, score=score, max_score=points,
        submission=SubmittedFile(file="toy.py", sha256=sha256, late_seconds=int(late)),
        late_penalty=late, exercises=(exercise,), duration_seconds=0.1,
        provenance=Provenance(
            grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="", torch="0",
            python="0", sandbox_layers=("bubblewrap",), graded_at="",
        ),
    )  # fmt: skip


# --- Which score stands -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "allow_lower", "stays"),
    [
        (90, 70, False, True),
        (90, 70, True, False),
        (80, 80, False, False),
        (70, 90, False, False),
        (None, 0, False, False),
        (None, None, False, False),
        (0, None, False, True),
        (90, None, True, True),
    ],
)
def test_the_higher_score_stays_and_a_number_is_never_replaced_by_none(
    before: int | None, now: int | None, allow_lower: bool, stays: bool
) -> None:
    assert keeps_before(before, now, allow_lower) is stays


def test_the_report_from_before_stays_whole_where_its_score_was_higher() -> None:
    settled = settle(report(90), report(70), [SAME], allow_lower=False)

    assert settled.report == report(90)
    assert settled.change == Change("ada", 90, 70, kept=True)


def test_other_bytes_are_no_regrade_and_get_their_own_score() -> None:
    for score in (70, None):
        settled = settle(report(90), report(score, OTHER), [OTHER], allow_lower=False)

        assert settled.report.score == score
        assert settled.change == Change("ada", 90, score)


def test_where_nothing_can_be_read_any_more_the_score_from_before_stays() -> None:
    settled = settle(report(90), report(None), [], allow_lower=True)

    assert settled.report == report(90)
    assert settled.change is not None and settled.change.kept


def test_a_second_file_beside_the_one_graded_before_is_still_a_regrade_of_that_one() -> None:
    settled = settle(report(90), report(70, OTHER), [OTHER, SAME], allow_lower=False)

    assert settled.report == report(90)


def test_a_first_score_and_one_that_stays_as_it_was_are_no_change() -> None:
    first = settle(None, report(70), [SAME], allow_lower=False)
    again = settle(report(70), report(70, OTHER), [OTHER], allow_lower=False)

    assert (first.report.score, first.change) == (70, None)
    assert (again.report.submission.sha256, again.change) == (OTHER, None)


def test_what_stays_is_the_report_from_before_as_it_is() -> None:
    settled = settle(report(90), report(70, late=5), [SAME], allow_lower=False)

    assert settled.report == report(90)


def test_a_check_that_broke_in_the_regrade_is_named() -> None:
    settled = settle(report(80), report(None), [SAME], allow_lower=True)

    assert settled.change == Change("ada", 80, None, kept=True, broken=("test_x",))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change("ada", 80, 85.0), "ada 80 → 85"),
        (Change("ada", None, 7.5), "ada – → 7.5"),
        (Change("bo", 90, None), "bo 90 → –"),
        (Change("bo", 90, 70, kept=True), "bo 90 → 70: kept 90 (--allow-lower takes 70)"),
        (
            Change("bo", 90, 70, kept=True, in_gradebook=True),
            "bo 90 → 70: kept 90 in the gradebook (--allow-lower takes 70)",
        ),
        (
            Change("bo", 90, None, kept=True, broken=("test_x",)),
            "bo 90 → –: kept 90 (broke on our side: test_x)",
        ),
        (
            Change("bo", 90, None, kept=True, in_gradebook=True),
            "bo 90 → –: kept 90 in the gradebook (nothing could be graded)",
        ),
    ],
)
def test_a_change_is_one_plain_line(change: Change, line: str) -> None:
    assert change_line(change) == line


# --- What is fixed once a submission is graded ---------------------------------------------------


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"one": 90.0}, "one: has 100 points, was graded with 90"),
        ({}, "one: is new"),
        ({"one": 100, "two": 5}, "two: is missing"),
    ],
)
def test_other_exercises_than_those_graded_are_an_authors_error_that_names_the_difference(
    points: dict[str, float], said: str
) -> None:
    with pytest.raises(
        AuthorError,
        match=rf"(?s)toy/assignment.toml: .* here holds .*\n    {said}\n  fix: put .*void",
    ):
        refuse_frozen(SPEC, points, "here")


def test_the_exercises_that_were_graded_are_taken_in_any_order() -> None:
    two = msgspec.structs.replace(SPEC, exercises=(Exercise("two", "The other", 5), ONE))

    refuse_frozen(two, {"one": 100, "two": 5}, "here")


BROKEN = (b"", b"{}", b"\xff", encode_report(report(1))[:-20])


@pytest.mark.parametrize("data", [*BROKEN, encode_report(report(1, student="another"))])
def test_a_report_that_cannot_be_read_is_told_and_not_taken_for_none(
    data: bytes, tmp_path: Path
) -> None:
    path = report_path(tmp_path, "ada", "toy")
    path.parent.mkdir(parents=True)
    path.write_bytes(data)

    with pytest.raises(OperatorError, match=rf"(?s){path}: .*\n  fix: .*move it away"):
        read_report(tmp_path, "ada", "toy")


# --- A class, with made-up verdicts --------------------------------------------------------------

TOML = 'title = "Toy"\n[[exercises]]\nname = "one"\ntitle = "The one"\npoints = 100\n'
CELL = {
    "cell_type": "code", "source": "",
    "metadata": {"nbgrader": {"grade_id": "one", "grade": True, "points": 100}},
}  # fmt: skip


class Toy:
    """A course on the disk whose submissions come to the scores in ``comes_to``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.comes_to: dict[str, int | None] = {}
        self.toml = root / "solutions" / "toy" / "assignment.toml"
        for folder in ("solutions/toy", "assignments/toy", "tests/visible/toy", "tests/hidden/toy"):
            (root / folder).mkdir(parents=True)
        (root / "course.toml").write_text('course_id = "toy"\n')
        self.toml.write_text(TOML)
        (root / "assignments" / "toy" / "toy.ipynb").write_bytes(
            msgspec.json.encode({"metadata": {}, "cells": [CELL], "nbformat": 4})
        )

    def hand_in(self, text: str = "x = 1\n", **scores: int | None) -> None:
        """Files of these students, all with one text, and what grading them will come to."""
        for student in scores:
            folder = self.root / "submitted" / student / "toy"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "toy.py").write_text(text)
        self.comes_to |= scores

    def grade(self, *arguments: str) -> int:
        """Grade all again: what grading comes to changes here while all it depends on stays."""
        return cli.run(["grade", "--force", *arguments])

    def report(self, student: str) -> Report | None:
        return read_report(self.root, student, "toy")

    def scores(self) -> dict[str, tuple[int | None, float | None]]:
        """Of each student the report's score and the gradebook's."""
        query = """
            select submitted_assignment.student_id, grade.auto_score from grade
            join submitted_notebook on grade.notebook_id = submitted_notebook.id
            join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        """
        with sqlite3.connect(self.root / "gradebook.db") as database:
            rows = database.execute(query).fetchall()
        return {s: ((r := self.report(s)) and r.score, score) for s, score in rows}


class MadeUp:
    """Graders that come to what the toy says."""

    def __init__(self, toy: Toy) -> None:
        self._toy = toy

    def grade(self, submissions: Iterable[Submission]) -> Iterator[tuple[Submission, Report]]:
        for submission in submissions:
            sha256 = submission.forms[0].sha256 if submission.forms else None
            score = self._toy.comes_to[submission.student]
            yield submission, report(score, sha256, submission.student)


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new gradebook; made once, since that takes a second."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with GradebookWriter(f"sqlite:///{path}", "toy", SPEC):
        return path


@pytest.fixture
def toy(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    made = Toy(tmp_path / "course")
    shutil.copy(empty_gradebook, made.root / "gradebook.db")
    monkeypatch.chdir(made.root)
    graders = contextlib.nullcontext(MadeUp(made))
    monkeypatch.setattr("autograder.grading.workers.Workers", lambda *arguments: graders)
    return made


Said = pytest.CaptureFixture[str]


def test_a_regrade_prints_who_changes_and_keeps_the_higher_score(toy: Toy, capsys: Said) -> None:
    toy.hand_in(ada=80, bo=90, cy=None, dee=50, eve=60)
    toy.grade()
    capsys.readouterr()
    toy.hand_in(ada=85, bo=70, cy=40, dee=50, eve=None)

    code = toy.grade()

    said = capsys.readouterr().out
    assert said.startswith(
        "ada 80 → 85\n"
        "bo 90 → 70: kept 90 (--allow-lower takes 70)\n"
        "cy – → 40\n"
        "eve 60 → –: kept 60 (broke on our side: test_x)\n"
        "Toy\n"
    )
    assert toy.scores() == {
        "ada": (85, 85), "bo": (90, 90), "cy": (40, 40), "dee": (50, 50), "eve": (60, 60),
    }  # fmt: skip
    assert code == 1 and "not graded: eve: a check broke on our side" in said


def test_the_higher_report_stays_on_the_disk_byte_for_byte(toy: Toy) -> None:
    toy.hand_in(bo=90)
    toy.grade()
    path = report_path(toy.root, "bo", "toy")
    before = path.read_bytes(), path.stat().st_mtime_ns
    toy.hand_in(bo=70)

    assert toy.grade("--student", "bo") == 0

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_allow_lower_lets_the_new_score_count(toy: Toy, capsys: Said) -> None:
    toy.hand_in(bo=90)
    toy.grade()
    toy.hand_in(bo=70)

    toy.grade("--allow-lower")

    assert "bo 90 → 70\n" in capsys.readouterr().out
    assert toy.scores() == {"bo": (70, 70)}


def test_other_bytes_get_their_own_score_in_report_and_gradebook(toy: Toy) -> None:
    toy.hand_in(bo=90, cy=90)
    toy.grade()
    toy.hand_in("x = 2\n", bo=70, cy=None)

    assert toy.grade() == 1

    assert toy.scores() == {"bo": (70, 70), "cy": (None, None)}


def test_with_the_reports_lost_the_gradebook_is_not_lowered_however_often_it_is_graded(
    toy: Toy, capsys: Said
) -> None:
    toy.hand_in(bo=90, cy=50)
    toy.grade()
    shutil.rmtree(toy.root / "reports")
    toy.hand_in(bo=70, cy=60)

    for _again in range(2):
        capsys.readouterr()
        toy.grade()
        said = capsys.readouterr().out
        assert "bo 90 → 70: kept 90 in the gradebook (--allow-lower takes 70)\n" in said

    assert toy.scores() == {"bo": (70, 90), "cy": (60, 60)}


def test_with_the_gradebook_lost_the_reports_are_not_lowered(
    toy: Toy, empty_gradebook: Path
) -> None:
    toy.hand_in(bo=90)
    toy.grade()
    shutil.copy(empty_gradebook, toy.root / "gradebook.db")
    toy.hand_in(bo=70)

    toy.grade("--student", "bo")

    assert toy.scores() == {"bo": (90, 90)}


def grade_toy(toy: Toy, **told: object) -> ClassResult:
    course, folder, options = find_course(toy.root), toy.root / "submitted", Options(force=True)
    return grade_class(course, "toy", folder, toy.root, MadeUp(toy), options, **told)  # type: ignore[arg-type]


def test_what_changes_is_told_when_all_are_graded_and_before_any_of_it_is_written(
    toy: Toy,
) -> None:
    toy.hand_in(ada=80, bo=90)
    grade_toy(toy)
    toy.hand_in(ada=85, bo=90, new=10)
    told = []

    def tell(changes: list[Change]) -> None:
        told.append((changes, [toy.report(s).score for s in ("ada", "bo", "new")]))  # type: ignore[union-attr]

    grade_toy(toy, changes=tell)

    assert told == [([Change("ada", 80, 85)], [80, 90, 10])]
    assert toy.report("ada").score == 85  # type: ignore[union-attr]


def test_a_run_that_breaks_off_has_written_first_reports_and_no_change(toy: Toy) -> None:
    toy.hand_in(ada=80)
    grade_toy(toy)
    toy.hand_in(ada=85, bo=90, zoe=1)

    def stop(step: Step) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_toy(toy, progress=stop)

    ada, bo = toy.report("ada"), toy.report("bo")
    assert ada is not None and ada.score == 80
    assert bo is not None and bo.score == 90
    assert toy.report("zoe") is None


HARDER = TOML.replace("100", "99")
LONGER = TOML + '[[exercises]]\nname = "two"\ntitle = "More"\npoints = 1\n'
RENAMED = TOML.replace('"one"', '"won"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HARDER, "one: has 99 points, was graded with 100"),
        (LONGER, "two: is new"),
        (RENAMED, "one: is missing\n    won: is new"),
    ],
)
@pytest.mark.parametrize("lost", ["gradebook.db", "reports", ""])
def test_after_the_first_submission_is_graded_other_exercises_are_refused_and_nothing_is_written(
    toy: Toy, capsys: Said, empty_gradebook: Path, text: str, said: str, lost: str
) -> None:
    toy.hand_in(ada=80)
    toy.grade()
    if lost == "reports":
        shutil.rmtree(toy.root / lost)
    elif lost:
        shutil.copy(empty_gradebook, toy.root / lost)
    toy.toml.write_text(text)
    before = files(toy.root)

    for command in (["grade"], ["grade", "--student", "ada"], ["release"]):
        assert cli.run(command) == 2
        error = capsys.readouterr().err
        assert f"    {said}\n  fix: put them back" in error and "assignment.toml" in error

    assert files(toy.root) == before


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_before_the_first_grade_and_in_another_course_root_exercises_may_change(
    toy: Toy, tmp_path: Path, empty_gradebook: Path, capsys: Said
) -> None:
    toy.hand_in(ada=80)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(empty_gradebook, tmp_path / "elsewhere")
    toy.grade("--output", str(tmp_path / "elsewhere"))
    toy.toml.write_text(RENAMED)

    cli.run(["release"])

    assert "exercises and their points are fixed" not in capsys.readouterr().err


def test_a_report_that_cannot_be_read_is_set_aside_and_its_submission_graded_again(
    toy: Toy, capsys: Said
) -> None:
    toy.hand_in(ada=80, bo=90)
    toy.grade()
    report_path(toy.root, "bo", "toy").write_text("{")
    capsys.readouterr()

    assert toy.grade() == 0

    assert "bo/toy/report.json: the report from before cannot be read" in capsys.readouterr().out
    assert toy.scores() == {"ada": (80, 80), "bo": (90, 90)}
    assert (toy.root / "reports/bo/toy/report.unreadable-1.json").read_text() == "{"


def test_where_a_report_cannot_be_read_the_gradebook_still_keeps_the_higher_score(
    toy: Toy, capsys: Said
) -> None:
    toy.hand_in(bo=90)
    toy.grade()
    report_path(toy.root, "bo", "toy").write_text("{")
    toy.hand_in(bo=70)

    toy.grade()

    assert toy.scores() == {"bo": (70, 90)}
    assert "kept 90 in the gradebook" in capsys.readouterr().out


# --- All of it together ---------------------------------------------------------------------------

CHECK = """
from autograder.checks import assert_close, check
import torch

@check("one", points={points}, hint="Try.")
def test_{name}(student):
    assert_close(student.f(torch.ones(1)), torch.tensor([{value}.0]))
"""


def test_a_check_that_was_wrong_is_made_void_and_its_points_are_printed_and_given(
    tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    toy = Toy(tmp_path / "course")
    shutil.copy(empty_gradebook, toy.root)
    for folder, name, points, value in (
        ("visible", "right", 60, 2),
        ("hidden", "wrong", 40, 3),
    ):
        path = toy.root / "tests" / folder / "toy" / f"test_{folder}.py"
        path.write_text(CHECK.format(points=points, name=name, value=value))
    toy.hand_in("def f(x): return 2 * x\n", ada=None)
    monkeypatch.chdir(toy.root)
    assert toy.grade() == 0
    capsys.readouterr()

    toy.toml.write_text('void = ["test_wrong"]\n' + TOML)
    code = toy.grade()

    said = capsys.readouterr().out
    assert code == 0
    assert said.startswith("ada 60 → 100\n")
    assert "“Wrong” was found to be wrong; everybody has its points" in said
    assert toy.scores() == {"ada": (100, 100)}


def test_a_new_file_that_cannot_be_read_is_named_and_takes_neither_score_nor_time_away(
    toy: Toy, capsys: Said
) -> None:
    toy.hand_in(ada=80)
    place = toy.root / "submitted" / "ada" / "toy"
    (place / "timestamp.txt").write_text("2026-10-01 12:00:00 UTC")
    toy.grade()
    (place / "timestamp.txt").write_text("2026-10-09 12:00:00 UTC")
    (place / "toy.py").unlink()
    (place / "toy.ipynb").write_text("{")
    capsys.readouterr()

    assert toy.grade() == 1

    said = capsys.readouterr().out
    assert "not graded: ada: toy.ipynb: is not a notebook" in said
    assert "the score from before stays" in said and "broke on our side" not in said
    report = toy.report("ada")
    assert report is not None and report.score == 80
    assert report.submission.submitted_at == "2026-10-01T12:00:00+00:00"


def test_where_nothing_is_handed_in_no_grading_process_is_asked(toy: Toy, capsys: Said) -> None:
    (toy.root / "submitted" / "nobody" / "toy").mkdir(parents=True)

    assert toy.grade() == 1  # made-up graders know nothing of nobody

    said = capsys.readouterr().out
    assert "not graded: nobody: nobody/toy: holds neither toy.ipynb nor toy.py" in said
    assert "0 submissions graded" in said and "1 without a score" in said


def test_what_lateness_costs_is_said_below_the_table(
    toy: Toy, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.hand_in(ada=80)
    (toy.root / "course.toml").write_text(
        'course_id = "toy"\n[late]\npercent_per_started_day = 10\n'
    )
    (toy.root / "submitted/ada/toy/timestamp.txt").write_text("2026-10-02 14:00:00 UTC")
    due = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)
    monkeypatch.setattr(
        "autograder.gradebook.writer.GradebookWriter.deadlines", lambda writer: Deadlines(due)
    )

    toy.grade()

    assert "ada: 1 d 2 h late: 20 of 80 points taken off" in capsys.readouterr().out
