"""`nbgrader autograde` as instructors run it, on a class as students hand it in."""

from __future__ import annotations

import json
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from autograder.report import decode_report
from tests.autograder.nbgrader.conftest import RIGHT, copied

FULL = {"corr2d-exact": 25, "edge-detection": 10, "transposed-input": 10, "conv2d": 25,
        "learned-kernel": 30}  # fmt: skip
RUNS = "from pathlib import Path\nPath('it-ran').touch()\n1"


def autograded(course, student):
    path = course.root / "autograded" / student / "convolutions" / "convolutions.ipynb"
    return json.loads(path.read_text())


def scores(course, student):
    grades = course.grades()[student]
    return {name: grades[name][0] for name in FULL}


@pytest.mark.parametrize("student", ["doubled", "elsewhere", "spy", "late"])
def test_right_code_has_all_points_whatever_is_around_it(by_nbgrader, student):
    assert scores(by_nbgrader, student) == FULL


@pytest.mark.parametrize("student", ["broken", "garbled"])
def test_what_cannot_be_read_has_no_score_and_a_page_that_says_so(by_nbgrader, student):
    notebook = autograded(by_nbgrader, student)

    assert set(scores(by_nbgrader, student).values()) == {None}
    assert sum(out["output_type"] == "error" for cell in notebook["cells"]
               for out in cell.get("outputs", ())) == len(FULL)  # fmt: skip


def test_a_folder_that_is_no_students_is_told_and_stops_nobody(by_nbgrader):
    said = (by_nbgrader.root / "autograde.log").read_text()

    assert "Not An Id: is no student id" in said
    assert said.count("There was an error processing assignment 'convolutions' for") == 1


def test_no_student_code_ran_outside_the_sandbox(by_nbgrader):
    assert list(by_nbgrader.root.rglob("was-here")) == []
    report = by_nbgrader.root / "reports" / "spy" / "convolutions" / "report.json"
    assert decode_report(report.read_bytes()).provenance.sandbox_layers


def test_no_temporary_folder_is_left_behind(by_nbgrader):
    assert list((by_nbgrader.root / "home" / "tmp").glob("autograder-*")) == []


def test_without_force_nothing_is_done_again(graded):
    shutil.rmtree(graded.root / "submitted" / "Not An Id")
    before = graded.grades()

    again = graded.nbgrader("autograde", "convolutions")

    assert again.returncode == 0, again.stderr
    assert "Skipping existing assignment" in again.stderr
    assert graded.grades() == before


def test_what_was_given_by_hand_stays_and_is_flagged_only_for_another_file(graded):
    with Gradebook(graded.db_url, "convolutions-for-images") as gradebook:
        for student in ("ada", "fatima"):
            grade = gradebook.find_grade("conv2d", "convolutions", "convolutions", student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 7, 2, False
            comment = gradebook.find_comment("corr2d", "convolutions", "convolutions", student)
            comment.manual_comment = "Well drawn."
        gradebook.db.commit()
    resubmitted = graded.root / "submitted" / "fatima" / "convolutions" / "convolutions.ipynb"
    resubmitted.write_bytes(RIGHT.read_bytes())

    for student in ("ada", "fatima"):
        done = graded.nbgrader(
            "autograde", "convolutions", f"--student={student}", "--force", "--no-execute"
        )
        assert done.returncode == 0, done.stderr

    grades = graded.grades()
    assert grades["ada"]["conv2d"][1:] == (7, False)
    assert grades["fatima"]["conv2d"][1:] == (7, True)
    assert grades["ada"]["comment on corr2d"] == "Well drawn."
    assert scores(graded, "fatima") == FULL


class TestAnAssignmentThatIsNotOurs:
    @pytest.fixture
    def course(self, handed_in, tmp_path):
        course = copied(handed_in, tmp_path)
        marks = {"grade_id": "a", "grade": True, "solution": False, "locked": True, "task": False,
                 "points": 2, "schema_version": 3}  # fmt: skip
        cell = {"cell_type": "code", "id": "a", "source": RUNS, "outputs": [],
                "execution_count": None, "metadata": {"nbgrader": marks}}  # fmt: skip
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        says = {"kernelspec": kernel, "nbgrader": {"assignment": "convolutions"}}
        notebook = {"cells": [cell], "metadata": says, "nbformat": 4, "nbformat_minor": 5}
        course.hand_in("ada", "../other/other.ipynb", b"")
        (course.root / "submitted/ada/other/other.ipynb").write_text(json.dumps(notebook))
        checksum = compute_checksum(nbformat.from_dict(cell))
        with Gradebook(course.db_url, "convolutions-for-images") as gradebook:
            gradebook.add_assignment("other")
            gradebook.add_notebook("other", "other")
            gradebook.add_grade_cell("a", "other", "other", max_score=2, cell_type="code")
            gradebook.add_source_cell("a", "other", "other", source=RUNS, cell_type="code",
                                      locked=True, checksum=checksum)  # fmt: skip
        return course

    def test_it_is_refused_with_the_way_to_allow_it(self, course):
        done = course.nbgrader("autograde", "other")

        assert done.returncode == 1
        assert "fix: c.GradeInSandbox.unsandboxed = ['other']" in done.stderr
        assert list(course.root.rglob("it-ran")) == []

    def test_it_runs_in_a_kernel_where_the_instructor_lists_it(self, course):
        with (course.root / "nbgrader_config.py").open("a") as config:
            config.write("\nc.GradeInSandbox.unsandboxed = ['other']\n")

        done = course.nbgrader("autograde", "other")

        assert done.returncode == 0, done.stderr
        assert list(course.root.rglob("it-ran")) != []
        with Gradebook(course.db_url, "convolutions-for-images") as gradebook:
            assert gradebook.find_submission("other", "ada").score == 1


def test_a_link_that_was_handed_in_brings_nothing_to_where_feedback_is_made(by_nbgrader):
    folder = by_nbgrader.root / "autograded" / "late" / "convolutions"

    assert sorted(path.name for path in folder.iterdir()) == ["convolutions.ipynb", "timestamp.txt"]
