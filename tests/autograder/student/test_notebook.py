"""``check("corr2d-exact")`` in a notebook: what it prints, shows, and keeps to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import torch
from nbclient import NotebookClient

from autograder.student import check
from autograder.student.notebook import NotGradedHereError

wrong = False


@pytest.fixture(autouse=True)
def in_the_released_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    yield
    globals()["wrong"] = False


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is displayed, as in a running IPython."""
    displayed: list[object] = []
    monkeypatch.setattr("autograder.student.notebook._shell", lambda: "a shell")
    monkeypatch.setattr("IPython.display.display", displayed.append)
    return displayed


def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    """The live object that check() finds in this module, as in a kernel."""
    if wrong:
        print("<script>alert(1)</script>", "\x1b[2J")
        K = K.flip(0, 1)
    return torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]


def html_of(shown: list[object]) -> str:
    (one,) = shown
    return str(one._repr_html_())  # type: ignore[attr-defined]


class Tags(HTMLParser):
    """Every tag and attribute there is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open += 1

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1


# --- As text ------------------------------------------------------------------------------------


def test_check_tells_how_the_kernels_own_objects_do(capsys: pytest.CaptureFixture[str]) -> None:
    check("corr2d-exact")

    said = capsys.readouterr().out
    assert "9 of  9 shown here" in said
    assert "conv2d" not in said
    assert "this is what is in memory now: run `autograder check` before you submit" in said
    assert "\nhidden checks are not run here" in said
    assert "9 points; at most 9 of 25 shown here" in said


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

    with pytest.raises(NotGradedHereError, match="Conv2D is not defined"):
        check("conv2d")


def test_under_validate_passing_checks_are_silent_about_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    check("corr2d-exact")


def test_each_further_hint_is_given_when_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = []
    for asked in (False, True, True, True, False):
        globals()["wrong"] = True
        check("corr2d-exact", hint=asked)
        given.append(len(re.findall(r"^    hint: ", capsys.readouterr().out, re.MULTILINE)))

    assert given == [1, 2, 3, 3, 3]


def test_without_a_wish_for_a_hint_nothing_is_written(folder: Path) -> None:
    before = sorted(folder.iterdir())

    check("corr2d-exact")

    assert sorted(folder.iterdir()) == before


# --- As HTML ------------------------------------------------------------------------------------


def test_in_a_notebook_the_grids_are_shown_and_text_is_there_too(shown: list[object]) -> None:
    globals()["wrong"] = True

    check("corr2d-exact")

    page = html_of(shown)
    assert page.count("<table") == 5
    assert "X, given (3 × 3)" in page and "dashed" in page and "2px solid" in page
    assert "19  25" in repr(shown[0])


def test_nothing_in_it_is_a_script_or_needs_a_style_sheet(shown: list[object]) -> None:
    globals()["wrong"] = True

    check("corr2d-exact")

    tags = Tags(html_of(shown))
    assert tags.names == {"div", "span", "table", "tbody", "tr", "td"}
    assert tags.attributes == {"style", "aria-label"}
    assert tags.open == 0


def test_what_the_code_printed_is_text_in_it(shown: list[object]) -> None:
    globals()["wrong"] = True

    check("corr2d-exact")

    page = html_of(shown)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\x1b[2J" in page


def test_ink_and_paper_come_together_so_that_it_reads_in_a_dark_theme(shown: list[object]) -> None:
    globals()["wrong"] = True

    check("corr2d-exact")

    for style in re.findall(r'<td style="([^"]*)"', html_of(shown)):
        assert "background-color:#" in style and ";color:#" in style


def test_a_kernel_shows_it_both_ways(folder: Path) -> None:
    flipped = (
        "import torch\nfrom autograder.student import check\n"
        "def corr2d(X, K):\n"
        "    return torch.nn.functional.conv2d(X[None, None], K.flip(0, 1)[None, None])[0, 0]\n"
    )
    cells = [nbformat.v4.new_code_cell(flipped), nbformat.v4.new_code_cell('check("corr2d-exact")')]
    notebook = nbformat.v4.new_notebook(cells=cells)

    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()

    (output,) = notebook.cells[1].outputs
    assert output.output_type == "display_data"
    assert "<table" in output.data["text/html"]
    assert "✗ The worked example" in output.data["text/plain"]
