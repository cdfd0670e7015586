"""The example class in every form: one total each, the final grade of the gradebook."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from autograder import cli
from autograder.classroom.collected import Collected, Collection, write_collection
from autograder.gradebook.final import final_grades
from autograder.outputs.exports.classroom50 import whole_points
from autograder.report import student_view
from autograder.spec import find_course
from tests.autograder.conftest import ROOT, Graded
from tests.autograder.outputs.made_exports import reported, validate

A = "convolutions"
NAMES = sorted(path.name for path in (ROOT / "examples" / "submitted").iterdir())
CHANGED = {"ada": 90.0, "bo": 97.5, "goran": 79.25, "kofi": 103.0}


class Exports:
    """A copy of the graded example class, and what each command says of it."""

    def __init__(self, root: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.output = root, output
        monkeypatch.chdir(root)
        monkeypatch.setenv("LC_ALL", "C.UTF-8")

    @property
    def url(self) -> str:
        return f"sqlite:///{self.output / 'gradebook.db'}"

    def final(self) -> dict[str, float | None]:
        spec = find_course(self.root).assignment(A)
        return {grade.student: grade.score for grade in final_grades(self.url, spec)}

    def run(self, kind: str, *arguments: str) -> int:
        return cli.run(["export", kind, *arguments, "--output", str(self.output)])

    def path(self, kind: str, *names: str) -> Path:
        return self.output.joinpath("exports", kind, *names)

    def json(self, kind: str, student: str, name: str) -> dict:  # type: ignore[type-arg]
        return msgspec.json.decode(self.path(kind, student, name).read_bytes())


@pytest.fixture
def exports(
    example_class: Graded, quick_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Exports:
    pytest.importorskip("nbgrader.api", reason="nbgrader is in the extra `grade`")
    root = tmp_path / "course"
    ignored = shutil.ignore_patterns("build", ".course-secret")
    shutil.copytree(quick_course, root, ignore=ignored)
    output = root / "build" / "example"
    shutil.copytree(example_class.output / "reports", output / "reports")
    shutil.copy(example_class.output / "gradebook.db", output)
    return Exports(root, output, monkeypatch)


def by_hand(exports: Exports) -> None:
    """A manual score, extra credit, a late penalty, and more than all points."""
    import nbgrader.api as api

    with api.Gradebook(exports.url, "course") as gradebook:

        def grade(exercise: str, student: str):  # type: ignore[no-untyped-def]
            return gradebook.find_grade(exercise, A, A, student)

        gradebook.find_submission_notebook(A, A, "ada").late_submission_penalty = 10
        grade("conv2d", "bo").manual_score = 22.5
        grade("learned-kernel", "goran").extra_credit = 3.25
        grade("learned-kernel", "kofi").manual_score = 33
        gradebook.db.commit()


def lose_a_score(exports: Exports, student: str) -> None:
    import nbgrader.api as api

    with api.Gradebook(exports.url, "course") as gradebook:
        gradebook.find_grade("conv2d", A, A, student).auto_score = None
        gradebook.update_or_create_student("zoe")
        gradebook.db.commit()


def collected(exports: Exports, but: str = "") -> None:
    """As if it came from Classroom 50."""
    write_collection(
        exports.root / "examples" / "submitted",
        Collection(
            assignment=A,
            collected=tuple(
                Collected(
                    student=name,
                    source="classroom50",
                    origin=name,
                    repository=f"org/c1-{A}-{name}-gh",
                    github_username=f"{name}-gh",
                    commit="0123456789" * 4,
                    tag="submit/20261001T120000Z-0123456",
                    submitted_at="2026-10-01T12:00:00+00:00",
                )
                for name in NAMES
                if name != but
            ),
        ),
    )


def canvas_roster(exports: Exports) -> str:
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Convolutions (5)"]]
    rows += [["    Points Possible", "", "", "", "", "100.0"]]
    rows += [[f"Name, {name}", str(i), "", name, "A", ""] for i, name in enumerate(NAMES)]
    path = exports.root / "canvas.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def all_totals(exports: Exports) -> dict[str, dict[str, float]]:
    """The final grade of each student by each export; every file is held against its schema."""
    exports.run("classroom50", "--classroom", "c1")
    exports.run("canvas", "--roster", canvas_roster(exports), "--column", "Convolutions")
    for kind in ("github-classroom", "gradescope", "moodle", "junit", "summary"):
        exports.run(kind)
    found: dict[str, dict[str, float]] = {}
    found["classroom50"] = {}
    for path in sorted(exports.path("classroom50").glob("*/result.json")):
        result = msgspec.json.decode(path.read_bytes())
        validate(result, "classroom50-result-v1")
        assert result["score"] <= result["max-score"] == 100
        found["classroom50"][path.parent.name] = result["score"]
    for column in (0, 2):
        found[f"github-classroom {column}"] = {
            path.parent.name: reported(msgspec.json.decode(path.read_bytes()))[column]
            for path in exports.path("github-classroom").glob("*/results.json")
        }
    found["gradescope"] = {}
    for path in exports.path("gradescope").glob("*/results.json"):
        result = msgspec.json.decode(path.read_bytes())
        validate(result, "gradescope-results")
        if "score" in result:
            found["gradescope"][path.parent.name] = result["score"]
    for kind, name, column in (("canvas", 3, 5), ("moodle", 0, 2)):
        text = exports.path(kind, "grades.csv").read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        found[kind] = {
            row[name]: float(row[column]) for row in rows[1:] if row[name] and row[column]
        }
    found["junit"] = {}
    for suite in ElementTree.parse(exports.path("junit", "junit.xml")).getroot():
        for one in suite.iter("property"):
            if one.get("name") == "score":
                found["junit"][suite.get("name", "")] = float(one.get("value", ""))
    found["summary"] = {}
    for line in exports.path("summary", "summary.md").read_text().splitlines():
        if line.startswith("| ✓"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found["summary"][cells[1]] = float(cells[-1].partition(" /")[0])
    return found


def test_all_exports_of_the_example_class_have_the_gradebooks_totals(exports):
    collected(exports)

    totals = all_totals(exports)

    final = exports.final()
    assert sorted(final) == NAMES and final["fatima"] == 56
    assert {kind: scores == final for kind, scores in totals.items()} == dict.fromkeys(totals, True)


def test_also_with_points_by_hand_extra_credit_and_a_late_penalty(exports):
    by_hand(exports)
    collected(exports)

    totals = all_totals(exports)

    final = exports.final()
    assert {name: final[name] for name in CHANGED} == CHANGED
    whole = {name: float(whole_points(score, 100)) for name, score in final.items()}
    assert totals.pop("classroom50") == whole
    assert {kind: scores == final for kind, scores in totals.items()} == dict.fromkeys(totals, True)


def test_checks_are_told_only_where_they_make_the_score(exports):
    by_hand(exports)

    exports.run("gradescope", "--student", "bo")

    tests = exports.json("gradescope", "bo", "results.json")["tests"]
    [conv2d] = [test for test in tests if test["number"] == "4"]
    assert conv2d["score"] == 22.5 and "graded by hand" in conv2d["output"]
    assert [test for test in tests if test["number"].startswith("1.")]


def test_who_is_not_scored_or_missing_is_a_zero_nowhere(exports, capsys):
    lose_a_score(exports, "ada")
    collected(exports)

    totals = all_totals(exports)
    said = capsys.readouterr().err

    assert not [kind for kind, scores in totals.items() if {"ada", "zoe"} & scores.keys()]
    assert "ada: not scored" in said and "zoe: handed nothing in" in said
    assert "score" not in exports.json("gradescope", "ada", "results.json")


@pytest.mark.parametrize(("lost", "code"), [(None, 0), ("ada", 1)])
def test_the_exit_code_says_whether_somebodys_grade_is_in_no_file(exports, lost, code):
    if lost:
        lose_a_score(exports, lost)

    assert exports.run("junit") == code


def test_a_student_whose_submission_is_not_known_there_is_listed_with_exit_code_1(exports, capsys):
    collected(exports, but="ada")

    code = exports.run("classroom50", "--classroom", "c1")

    assert code == 1 and "ada: no result.json: the GitHub username" in capsys.readouterr().err
    assert len(list(exports.path("classroom50").iterdir())) == 11


def test_nothing_of_the_instructors_is_in_any_export(exports):
    collected(exports)
    all_totals(exports)
    written = "".join(
        path.read_text() for path in exports.output.joinpath("exports").rglob("*") if path.is_file()
    )

    for student in ("fatima", "jin", "kofi"):
        path = exports.output / "reports" / student / A / "report.json"
        report = msgspec.json.decode(path.read_bytes())
        details = {
            line.strip()
            for exercise in report["exercises"]
            for check in exercise["checks"]
            if check["visibility"] == "hidden"
            for line in check["detail"].splitlines()
            if len(line.strip()) > 30
        }
        assert details
        assert not [line for line in details if line in written]
        names = {
            check["name"]
            for exercise in report["exercises"]
            for check in exercise["checks"]
            if check["visibility"] == "hidden"
        }
        assert names and not [name for name in names if name in written]


def test_what_students_see_of_a_hidden_check_is_its_title_and_message(exports, example_class):
    exports.run("gradescope", "--student", "fatima")

    outputs = {
        test["name"]: test["output"]
        for test in exports.json("gradescope", "fatima", "results.json")["tests"]
    }
    view = student_view(example_class.report("fatima"))
    spec = find_course(exports.root).assignment(A)
    titles = {one.name: one.title for one in spec.exercises}
    hidden = [
        (f"{titles[part.name]}: {check.title}", check)
        for part in view.exercises
        for check in part.checks
        if check.hidden and check.score == 0
    ]
    assert len(hidden) > 3
    for name, check in hidden:
        assert outputs[name] == "\n".join(text for text in (check.message, check.hint) if text)


def test_a_known_mistake_is_told_by_its_name_and_once(exports):
    exports.run("gradescope", "--student", "fatima")

    told = [one["output"] for one in exports.json("gradescope", "fatima", "results.json")["tests"]]
    [where] = [number for number, text in enumerate(told) if "turned by 180 degrees" in text]
    assert where == 0


def test_the_summary_is_on_standard_output_and_nothing_else(exports, capsys):
    exports.run("summary")

    assert capsys.readouterr().out == exports.path("summary", "summary.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["excel"], "no format 'excel'"),
        (["classroom50"], "--classroom"),
        (["canvas"], "--roster FILE"),
        (["moodle", "--roster", "/nowhere.csv"], "/nowhere.csv"),
        (["junit", "--student", "zoe"], "no student zoe"),
        (["junit", "--assignment", "poetry"], "poetry"),
        (["junit", "--db", "/nowhere/gradebook.db"], "there is no gradebook"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_fix_and_exit_code_2(exports, capsys, arguments, said):
    code = exports.run(*arguments)

    told = capsys.readouterr().err
    assert code == 2 and said in told and "fix:" in told
    assert not exports.path("").exists()


def test_a_report_that_cannot_be_read_is_told_and_the_grade_goes_out(exports, capsys):
    (exports.output / "reports" / "ada" / A / "report.json").write_text("{")

    code = exports.run("gradescope")

    assert code == 1 and "cannot be read" in capsys.readouterr().err
    result = exports.json("gradescope", "ada", "results.json")
    assert result["score"] == 100 and [test["number"] for test in result["tests"]] == list("12345")
