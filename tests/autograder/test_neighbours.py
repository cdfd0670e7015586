"""Submissions that loop, exit, print and raise are named as what they are, and harm nobody."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from autograder.report import Report
from tests.autograder.conftest import ROOT, Graded, Run

RIGHT = (ROOT / "examples" / "submitted" / "dong" / "convolutions" / "convolutions.py").read_text()
FIRST_LINE = "    h, w = K.shape\n"
MISCHIEF = {
    "exits": "    import os; os._exit(0)\n",
    "loops": "    while True: pass\n",
    "prints": "    print('y' * 10_000_000)\n",
    "raises": "    raise ValueError('no')\n",
    "zeros": "    return torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)\n",
    "ones": "    return torch.ones(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)\n",
    "copies": "    return X\n",
}
CORR2D = ("corr2d-exact", "edge-detection", "transposed-input")


@pytest.fixture(scope="module")
def alone(run: Run, quick_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return grade(run, quick_course, tmp_path_factory.mktemp("alone"), {})


@pytest.fixture(scope="module")
def together(run: Run, quick_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return grade(run, quick_course, tmp_path_factory.mktemp("together"), MISCHIEF)


def grade(run: Run, course: Path, folder: Path, mischief: dict[str, str]) -> Graded:
    sources = {"able": RIGHT, "zoe": RIGHT}
    for name, line in mischief.items():
        sources[name] = RIGHT.replace(FIRST_LINE, line + FIRST_LINE)
        assert sources[name] != RIGHT
    for name, source in sources.items():
        place = folder / "class" / name / "convolutions"
        place.mkdir(parents=True)
        (place / "convolutions.py").write_text(source)
    output = folder / "out"
    command = run(
        ["autograder", "grade", str(folder / "class"), "--output", str(output)], cwd=course
    )
    return Graded(command, output)


def without_times(report: Report) -> Report:
    provenance = msgspec.structs.replace(report.provenance, graded_at="")
    return msgspec.structs.replace(report, duration_seconds=0.0, provenance=provenance)


@pytest.mark.parametrize("student", ["able", "zoe"])
def test_a_neighbours_report_is_the_same_with_and_without_them(
    alone: Graded, together: Graded, student: str
) -> None:
    assert without_times(alone.report(student)) == without_times(together.report(student))
    assert alone.report(student).score == 100


@pytest.mark.parametrize("student", sorted(MISCHIEF))
def test_nothing_they_do_is_errored(together: Graded, student: str) -> None:
    report = together.report(student)

    outcomes = {check.outcome.value for e in report.exercises for check in e.checks}
    assert outcomes <= {"passed", "failed"}


@pytest.mark.parametrize("student", ["zeros", "ones", "copies", "raises", "exits", "loops"])
def test_they_earn_nothing_in_any_corr2d_cell(together: Graded, student: str) -> None:
    scores = together.scores(student)

    assert [scores[name] for name in CORR2D] == [0, 0, 0]


def test_printing_ten_megabytes_costs_no_point_and_is_remarked(together: Graded) -> None:
    report = together.report("prints")

    assert report.score == 100
    assert any("printed" in remark.text for remark in report.remarks)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("exits", "the process ended"),
        ("loops", "loop that never ends"),
        ("raises", "ValueError: no"),
    ],
)
def test_a_visible_check_names_what_they_did(together: Graded, student: str, words: str) -> None:
    first = together.report(student).exercises[0].checks[0]

    assert words in first.message
