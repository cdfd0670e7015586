"""Whoever grades, `autograder grade` or nbgrader, everybody gets the same."""

from __future__ import annotations

import json

from tests.autograder.nbgrader.two_courses import CourseOnDisk, differences

NO_STUDENT = "Not An Id"  # which nbgrader takes for one


def test_every_grade_cell_comment_and_penalty_is_the_same_by_both_routes(by_us, by_nbgrader):
    found = differences(by_us, by_nbgrader)

    assert by_us.grades().keys() >= {"ada", "carla", "correct-four_loops", "broken", "late"}
    assert [what for what in found if not what.startswith(NO_STUDENT)] == []


def test_there_are_right_and_wrong_late_and_unscored_ones_among_them(by_nbgrader):
    grades = by_nbgrader.grades()

    assert grades["correct-four_loops"]["conv2d"] == (25, None, False)
    assert grades["fatima"]["corr2d-exact"] < (25, None, False)
    assert grades["late"]["penalty"] == 10
    assert grades["broken"]["conv2d"] == (None, None, True)


def test_both_leave_the_same_notebooks_for_formgrader(by_us, by_nbgrader):
    def cells(course: CourseOnDisk, student: str) -> str:
        path = course.root / "autograded" / student / "convolutions" / "convolutions.ipynb"
        shown = [
            ("".join(cell["source"]), _texts(cell), cell["metadata"])
            for cell in json.loads(path.read_text())["cells"]
        ]
        return repr(shown).replace(str(course.root), "")

    students = by_nbgrader.grades().keys() - {NO_STUDENT}
    assert [who for who in students if cells(by_nbgrader, who) != cells(by_us, who)] == []


def _texts(cell):
    return [
        (one["output_type"], "".join(one.get("text", one.get("data", {}).get("text/plain", ""))))
        for one in cell.get("outputs", ())
    ]
