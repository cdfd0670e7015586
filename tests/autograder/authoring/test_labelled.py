"""Labels of wrong submissions, and how a mistake is laid over the solution."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.labelled import (
    Label,
    labelled_submissions,
    laid_over,
    read_label,
    solution_cells,
)
from autograder.errors import AuthorError
from autograder.spec import Course

WHOLE = "# mistake: a mistake\n# loses: conv2d\n# misconception: none\nx = 1\n"


def label(course: Course, text: str) -> Label:
    return read_label(text, Path("wrong/one.py"), course.assignment("convolutions"))


def test_a_label_says_the_mistake_what_it_loses_and_its_name(course: Course) -> None:
    text = (
        "# mistake: it is turned\n# loses: corr2d-exact, edge-detection\n"
        "# loses all of: conv2d\n# misconception: flipped-kernel\nimport torch\n"
    )

    assert label(course, text) == Label(
        "it is turned", ("corr2d-exact", "edge-detection"), ("conv2d",), "flipped-kernel"
    )


def test_a_mistake_without_a_name_is_labelled_none(course: Course) -> None:
    assert label(course, WHOLE).misconception is None


@pytest.mark.parametrize("missing", ["mistake", "loses", "misconception"])
def test_a_label_that_is_not_whole_is_refused_with_the_fix(course: Course, missing: str) -> None:
    text = "".join(line for line in WHOLE.splitlines(True) if not line.startswith(f"# {missing}:"))

    with pytest.raises(AuthorError, match=r"(?s)wrong/one\.py.*fix: begin it with"):
        label(course, text)


def test_an_exercise_that_is_none_is_refused_with_those_there_are(course: Course) -> None:
    with pytest.raises(AuthorError, match=r"(?s)no exercise edges.*fix: one of conv2d"):
        label(course, WHOLE.replace("conv2d", "edges"))


def test_a_mistake_is_one_more_cell_behind_those_of_the_solution(course: Course) -> None:
    base = solution_cells(course, "convolutions")

    form = laid_over(base, WHOLE, Path("one.py"), course.assignment("convolutions"))

    assert form.cells[:-1] == base
    assert (form.cells[-1].source, form.cells[-1].name) == (WHOLE, "one.py")


def test_the_solutions_cells_hold_no_grade_cell(course: Course) -> None:
    sources = [cell.source for cell in solution_cells(course, "convolutions")]

    assert any("def corr2d" in source for source in sources)
    assert not any(source.startswith("check(") for source in sources)


def test_every_labelled_submission_is_found_by_a_name_of_its_own(course: Course) -> None:
    found = labelled_submissions(course, "convolutions")

    names = [one.name for one in found]
    assert len(set(names)) == len(names)
    assert sum(one.label is None for one in found) >= 40
    assert sum(one.label is not None for one in found) >= 120
