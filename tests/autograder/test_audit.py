"""The audit of this course's assignment, as a person runs it: the gate that holds the checks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.autograder.conftest import ROOT, Run

ONE_CHECK_HOLDS_IT = "test_each_layer_draws_its_own_weights"


@pytest.fixture(scope="module")
def audit(run: Run) -> subprocess.CompletedProcess[str]:
    """All labelled submissions, and some of the mutants: `make audit` takes all."""
    return run(["autograder", "audit", "--mutants", "20"])


def count(audit: subprocess.CompletedProcess[str], line: str) -> int:
    found = re.search(rf"^{line} +(\d+) ", audit.stdout, re.MULTILINE)
    assert found, audit.stdout + audit.stderr
    return int(found[1])


def test_the_checks_of_this_assignment_hold(audit: subprocess.CompletedProcess[str]) -> None:
    assert audit.returncode == 0, audit.stdout + audit.stderr
    assert audit.stdout.endswith("the checks hold\n")


def test_there_are_enough_labelled_submissions_for_the_audit_to_mean_something(
    audit: subprocess.CompletedProcess[str],
) -> None:
    assert count(audit, "right") >= 40
    assert count(audit, "wrong") >= 120
    assert count(audit, "named") >= 100
    assert count(audit, "mutants") == 20


def test_the_document_shows_what_the_audit_prints(
    audit: subprocess.CompletedProcess[str],
) -> None:
    document = (ROOT / "docs" / "audit.md").read_text()

    for line in ("right", "wrong", "named", "checks", "errored"):
        [printed] = re.findall(rf"^{line} +\d+  .*$", audit.stdout, re.MULTILINE)
        assert printed in document


@pytest.fixture(scope="module")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This course with one right submission and one wrong one that a single check holds."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions", "tests/visible", "tests/hidden"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", root)
    labelled = Path("tests/submissions/convolutions")
    for name in ("correct/four_loops.py", "wrong/layer_seed_set_in_init.py"):
        (root / labelled / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / labelled / name, root / labelled / name)
    return root


def test_a_check_turned_off_is_told_by_what_slips_through(run: Run, small_course: Path) -> None:
    audit = run(
        ["autograder", "audit", "--mutants", "0", "--without", ONE_CHECK_HOLDS_IT], small_course
    )

    assert audit.returncode == 1
    assert "wrong/layer_seed_set_in_init: keeps all of conv2d" in audit.stdout


def test_a_check_that_there_is_not_is_refused(run: Run, small_course: Path) -> None:
    audit = run(["autograder", "audit", "--without", "test_nothing"], small_course)

    assert audit.returncode == 2
    assert "there is no check test_nothing" in audit.stderr


def test_an_assignment_without_labelled_submissions_is_refused_with_the_fix(
    run: Run, small_course: Path, tmp_path: Path
) -> None:
    root = tmp_path / "course"
    shutil.copytree(small_course, root)
    shutil.rmtree(root / "tests" / "submissions")

    audit = run(["autograder", "audit", "--mutants", "0"], root)

    assert audit.returncode == 2
    assert "no labelled submissions" in audit.stderr
    assert "fix: put right answers into correct/" in audit.stderr
