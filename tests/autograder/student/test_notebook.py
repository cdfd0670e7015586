from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.student import check
from autograder.student.notebook import NotGradedHereError
from tests.autograder.conftest import ROOT

RELEASE = ROOT / "assignments" / "convolutions"


@pytest.fixture(autouse=True)
def in_the_released_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(RELEASE)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    """The live object that check() finds in this module, as in a kernel."""
    return torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]


def test_check_tells_how_the_kernels_own_objects_do(capsys: pytest.CaptureFixture[str]) -> None:
    check("corr2d-exact")

    said = capsys.readouterr().out
    assert "9 of  9 shown here" in said
    assert "conv2d" not in said
    assert "kernel state: run `autograder check` before you submit" in said


def test_an_exercise_whose_function_is_missing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    check("conv2d")

    assert "Conv2D is not defined" in capsys.readouterr().out


def test_an_unknown_exercise_is_told_the_names_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check("poetry")

    assert "corr2d-exact" in capsys.readouterr().out


def test_outside_the_released_folder_it_says_where_to_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    check("corr2d-exact")

    assert "fix:" in capsys.readouterr().out


def test_under_stock_autograding_it_raises_so_that_silence_is_not_full_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    with pytest.raises(NotGradedHereError, match="autograder grade"):
        check("corr2d-exact")


def test_under_validate_a_failing_check_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    with pytest.raises(NotGradedHereError):
        check("conv2d")


def test_under_validate_passing_checks_are_silent_about_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    check("corr2d-exact")
