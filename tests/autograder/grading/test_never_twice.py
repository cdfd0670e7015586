"""What was graded is not graded again, and what has nothing to do with grading is made anew."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from autograder import cli
from autograder.grading import key
from autograder.grading.course import without_report
from autograder.grading.run import Options
from autograder.grading.secret import VARIABLE
from autograder.grading.stored import report_path
from tests.autograder.conftest import ROOT
from tests.autograder.grading.counting import Counting, by_hand, notebook, state, write_by_hand
from tests.autograder.grading.real_class import contents
from tests.autograder.grading.test_regrade import files

pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")

# nbgrader's own writing of comments and grades is told so by SQLAlchemy; nothing of ours is.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <.*> not in session")

Said = pytest.CaptureFixture[str]

# --- What is graded again -------------------------------------------------------------------------


def test_an_unchanged_class_is_not_graded_again_and_nothing_is_written(
    graded: Counting, capsys: Said
) -> None:
    before = files(graded.root)

    assert graded.grades() == []

    said = capsys.readouterr().out
    assert "2 unchanged since they were graded (--force grades them again)" in said
    assert "submissions graded" not in said
    assert before == files(graded.root)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (Options(), ["cy"]),
        (Options(students=("ada",)), []),
        (Options(students=("ada",), force=True), ["ada"]),
        (Options(force=True), ["ada", "bo", "cy"]),
    ],
)
def test_who_has_no_report_is_known_before_anything_is_read(
    options: Options, names: list[str], graded: Counting
) -> None:
    graded.hand_in(cy=70)

    found = without_report("toy", graded.root / "submitted", graded.root, options)

    assert found == names


def changed_check(course: Counting, patch: pytest.MonkeyPatch) -> None:
    course.check.write_text("# stricter\n")


def changed_limits(course: Counting, patch: pytest.MonkeyPatch) -> None:
    with course.toml.open("a") as file:
        file.write("[limits]\nmemory_mib = 512\n")


def changed_engine(course: Counting, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(key, "_engine_sha256", lambda: "another")


def changed_torch(course: Counting, patch: pytest.MonkeyPatch) -> None:
    version = key._version
    patch.setattr(key, "_version", lambda name: "0" if name == "torch" else version(name))


def changed_secret(course: Counting, patch: pytest.MonkeyPatch) -> None:
    patch.setenv(VARIABLE, "another secret of this course")


@pytest.mark.parametrize(
    "change",
    [changed_check, changed_limits, changed_engine, changed_torch, changed_secret],
)
def test_all_are_graded_again_where_what_they_are_graded_with_changes(
    change: Callable[[Counting, pytest.MonkeyPatch], None],
    graded: Counting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(graded, monkeypatch)

    assert graded.grades() == ["ada", "bo"]
    assert graded.grades() == []


@pytest.mark.parametrize("text", ["x = 2\n", "x = 1  # why\n", "x = 1\n\n"])
def test_code_that_changes_is_graded_again_be_it_a_comment(text: str, graded: Counting) -> None:
    graded.hand_in(text, bo=90)

    assert graded.grades() == ["bo"]
    assert graded.grades() == []


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, **more}


PICTURE = {"output_type": "display_data", "data": {"image/png": "iVBO"}, "metadata": {}}


@pytest.mark.parametrize(
    ("cells", "again"),
    [
        ([{"cell_type": "markdown", "source": "I thought long"}, code("x = 1")], []),
        ([{"cell_type": "markdown", "source": ""}, code("x = 1", outputs=[PICTURE])], []),
        ([{"cell_type": "markdown", "source": ""}, code("x = 1", execution_count=7)], []),
        ([{"cell_type": "markdown", "source": ""}, code("x = 2")], ["ada"]),
    ],
    ids=["text", "picture", "count", "code"],
)
def test_only_its_code_makes_a_notebook_graded_again_and_the_report_has_the_new_files_hash(
    cells: list[dict[str, Any]], again: list[str], counted: Counting
) -> None:
    counted.hand_in(ada=80)
    path = counted.root / "submitted" / "ada" / "toy" / "toy.py"
    path.unlink()
    path = path.with_suffix(".ipynb")
    path.write_bytes(notebook({"cell_type": "markdown", "source": ""}, code("x = 1")))
    counted.grades()
    before = counted.stands("ada").submission.sha256
    path.write_bytes(notebook(*cells))

    assert counted.grades() == again

    now = counted.stands("ada").submission
    assert now.sha256 not in (before, None) and now.file == "toy.ipynb"
    assert counted.grades() == []


def test_two_students_with_one_file_are_two_results(graded: Counting) -> None:
    keys = {graded.stands(student).provenance.result_key for student in ("ada", "bo")}

    assert len(keys) == 2


def test_a_report_copied_from_another_student_is_not_taken_for_theirs(graded: Counting) -> None:
    copied = msgspec.structs.replace(graded.stands("bo"), student="ada")
    report_path(graded.root, "ada", "toy").write_bytes(msgspec.json.encode(copied))

    assert graded.grades() == ["ada"]


def test_what_had_no_score_is_graded_again_every_time(counted: Counting) -> None:
    counted.hand_in(ada=80, bo=None)
    counted.grades()

    assert counted.grades() == ["bo"]
    counted.hand_in(bo=70)
    assert counted.grades() == ["bo"]
    assert counted.grades() == []
    assert counted.scores() == {"ada": (80, 80), "bo": (70, 70)}


def test_force_grades_all_and_a_student_who_is_named_is_the_only_one(graded: Counting) -> None:
    assert graded.grades("--force") == ["ada", "bo"]
    assert graded.grades("--force", "--student", "bo") == ["bo"]
    assert graded.grades("--student", "bo") == []
    graded.hand_in("x = 2\n", ada=80, bo=90)
    assert graded.grades("--student", "bo") == ["bo"]
    assert graded.grades() == ["ada"]


def test_a_new_student_is_graded_alone(graded: Counting) -> None:
    graded.hand_in(cy=10)

    assert graded.grades() == ["cy"]
    assert graded.scores()["cy"] == (10, 10)


# --- A lower score that does not count ------------------------------------------------------------


@pytest.fixture
def lowered(graded: Counting, capsys: Said) -> Counting:
    """Checks changed, and ada came to fewer points by them."""
    graded.check.write_text("# stricter\n")
    graded.hand_in(ada=70, bo=90)
    assert graded.grades() == ["ada", "bo"]
    capsys.readouterr()
    return graded


def test_a_lower_score_that_does_not_count_is_told_at_each_run_and_not_graded_again(
    lowered: Counting, capsys: Said
) -> None:
    before = files(lowered.root)

    assert lowered.grades() == []

    said = capsys.readouterr().out
    assert said.startswith("ada 80 → 70: kept 80 (--allow-lower takes 70)\n")
    assert "2 unchanged since they were graded" in said
    assert lowered.scores() == {"ada": (80, 80), "bo": (90, 90)}
    assert files(lowered.root) == before


def test_allow_lower_takes_it_without_grading(lowered: Counting, capsys: Said) -> None:
    assert lowered.grades("--allow-lower") == []

    assert capsys.readouterr().out.startswith("ada 80 → 70\n")
    assert lowered.scores() == {"ada": (70, 70), "bo": (90, 90)}
    assert state(lowered)
    assert lowered.grades() == []


def test_it_is_graded_again_where_what_it_was_graded_with_changes(lowered: Counting) -> None:
    lowered.check.write_text("# less strict\n")
    lowered.hand_in(ada=85, bo=90)

    assert lowered.grades() == ["ada", "bo"]

    assert lowered.scores()["ada"] == (85, 85)
    assert state(lowered)


def test_with_the_checks_of_before_it_is_forgotten(lowered: Counting, capsys: Said) -> None:
    lowered.check.write_text("")
    lowered.grades("--student", "ada")

    assert lowered.asked == []
    assert "kept" not in capsys.readouterr().out
    assert state(lowered)


def test_a_line_for_machines_says_that_it_was_not_graded_again(
    lowered: Counting, capsys: Said
) -> None:
    lowered.grades("--json-lines", "--student", "ada")

    [line, *_rest] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["student"], line["score"], line["cached"]) == ("ada", 80, True)


def test_taken_later_it_names_the_bytes_of_the_file_as_it_is_then(
    graded: Counting, capsys: Said
) -> None:
    path = graded.root / "submitted" / "ada" / "toy" / "toy.py"
    path.unlink()
    path = path.with_suffix(".ipynb")
    path.write_bytes(notebook(code("x = 5")))
    graded.hand_in(bo=90)
    graded.grades()
    graded.check.write_text("# stricter\n")
    graded.comes_to["ada"] = 70
    graded.grades()
    path.write_bytes(notebook(code("x = 5", outputs=[PICTURE])))

    assert graded.grades("--allow-lower") == []

    assert graded.stands("ada").submission.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


# --- What is made anew ----------------------------------------------------------------------------

ONE_DAY = datetime.timedelta(days=1)


def hand_in_a_day_late(course: Counting) -> None:
    with course.gradebook() as opened:
        opened.update_or_create_assignment("toy", duedate="2026-10-01 12:00:00 UTC")
    for student in ("ada", "bo"):
        path = course.root / "submitted" / student / "toy" / "timestamp.txt"
        path.write_text("2026-10-02 06:00:00 UTC\n")


def penalties(course: Counting) -> dict[str, tuple[float, float]]:
    """Of each student that of the report and that of the gradebook, points."""
    with course.gradebook() as opened:
        submissions = opened.assignment_submissions("toy")
        written = {one.student.id: one.notebooks[0].late_submission_penalty for one in submissions}
    return {name: (course.stands(name).late_penalty, n or 0.0) for name, n in written.items()}


def with_policy(course: Counting, percent: int) -> None:
    (course.root / "course.toml").write_text(
        f'course_id = "toy"\n[late]\npercent_per_started_day = {percent}\n'
    )


def test_a_late_policy_changes_penalties_and_grades_nobody_again(graded: Counting) -> None:
    hand_in_a_day_late(graded)
    assert graded.grades() == [] and penalties(graded) == {"ada": (0, 0), "bo": (0, 0)}
    with_policy(graded, 10)

    assert graded.grades() == []

    assert penalties(graded) == {"ada": (10, 10), "bo": (10, 10)}


def test_an_extension_granted_after_grading_changes_the_penalty_and_nothing_else(
    graded: Counting,
) -> None:
    with_policy(graded, 10)
    hand_in_a_day_late(graded)
    graded.grades()
    before = graded.stands("ada"), graded.stands("bo"), contents(graded.root / "gradebook.db")
    with graded.gradebook() as opened:
        opened.update_or_create_submission("toy", "ada", extension=ONE_DAY)

    assert graded.grades() == []

    assert penalties(graded) == {"ada": (0, 0), "bo": (10, 10)}
    in_time = msgspec.structs.replace(before[0].submission, late_seconds=0)
    assert graded.stands("ada") == msgspec.structs.replace(
        before[0], late_penalty=0.0, submission=in_time
    )
    assert graded.stands("bo") == before[1]
    assert without_lateness(contents(graded.root / "gradebook.db")) == without_lateness(before[2])


def without_lateness(tables: dict[str, list[Any]]) -> str:
    """They as text, without what one extension may change."""
    text = re.sub(r"'extension': (None|'[^']*')", "", repr(tables))
    return re.sub(r"'late_submission_penalty': [^,}]*", "", text)


def test_titles_that_are_corrected_reach_table_and_comments_and_grade_nobody_again(
    graded: Counting, capsys: Said
) -> None:
    text = graded.toml.read_text()
    graded.toml.write_text(text.replace('"Toy"', '"Toys"').replace('"The one"', '"The first"'))

    assert graded.grades() == []

    assert capsys.readouterr().out.startswith("Toys\n")
    with graded.gradebook() as opened:
        assert "The first" in opened.find_comment("answer", "toy", "toy", "ada").auto_comment


# --- What people wrote ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("x = 1\n", []),
        ("x = 1\n", ["--force"]),
        ("x = 1\n", ["--force", "--allow-lower"]),
        ("x = 2\n", []),
    ],
    ids=["unchanged", "force", "allow-lower", "another file"],
)
@pytest.mark.parametrize("now", [100, 10, None])
def test_scores_and_comments_given_by_hand_survive(
    text: str, arguments: list[str], now: int | None, graded: Counting
) -> None:
    write_by_hand(graded, "bo")
    graded.hand_in(text, bo=now)

    graded.grades(*arguments)

    assert by_hand(graded, "bo") == (55.0, 2.0, "Well tried.")


# --- What the guide says --------------------------------------------------------------------------


def test_every_command_in_the_guide_works(graded: Counting) -> None:
    guide = (ROOT / "docs" / "grading-a-class.md").read_text()
    commands = re.findall(r"^\$ autograder (.*?)(?: +#.*)?$", guide, re.MULTILINE)

    codes = {command: cli.run(shlex.split(command)) for command in commands}

    assert len(codes) >= 6 and set(codes.values()) == {0}


# --- Without waiting for what it does not need ----------------------------------------------------

UNCHANGED = """
import sys
from autograder.cli import run
print(run(["grade"]))
print(*[name for name in ("torch", "pytest") if name in sys.modules])
"""


def test_an_unchanged_class_loads_neither_torch_nor_pytest(graded: Counting) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", UNCHANGED],
        cwd=graded.root,
        text=True,
        capture_output=True,
        check=True,
    )

    assert "2 unchanged since they were graded" in done.stdout
    assert done.stdout.endswith("\n0\n\n"), done.stdout
