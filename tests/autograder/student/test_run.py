"""What a run of `autograder check` says, and what it remembers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.student.progress import read_progress
from autograder.student.screen import Screen
from autograder.submission import as_form
from autograder.submission.submissions import read_submission
from tests.autograder.student.conftest import RELEASE, RIGHT, Checked

STUB = "def corr2d(X, K):\n    raise NotImplementedError()\n"
FLIPPED = RIGHT.replace("* K[a, b]", "* K[h - 1 - a, w - 1 - b]")
WITHOUT_BIAS = RIGHT.replace("return response + self.bias", "return response + 0 * self.bias")
assert RIGHT not in (FLIPPED, WITHOUT_BIAS)


# --- The first failure --------------------------------------------------------------------------


def test_inputs_expected_and_got_stand_side_by_side_where_there_is_room(checked: Checked) -> None:
    said = checked(FLIPPED, Screen(columns=120)).splitlines()

    (captions,) = [line for line in said if "yours (2 × 2)" in line]
    assert captions.split("   ")[-5:] == [
        " X, given (3 × 3)", "K, given (2 × 2)", "expected (2 × 2)", "yours (2 × 2)",
        "yours − expected (2 × 2)",
    ]  # fmt: skip


def test_a_wrong_number_and_its_window_are_marked_without_colour(checked: Checked) -> None:
    said = checked(FLIPPED)

    assert "[0][1] 2" in said
    assert "[3][4] 5" in said
    assert " 5* 11*" in said


def test_the_window_is_drawn_where_the_first_wrong_number_comes_from(checked: Checked) -> None:
    wrong_at_the_end = RIGHT.replace(
        "    return Y\n", "    Y = Y + 0\n    Y[-1, -1] = 0\n    return Y\n"
    )

    said = checked(wrong_at_the_end)

    assert " 3 [4][5]" in said
    assert " 6 [7][8]" in said


def test_of_two_answers_the_inputs_are_drawn_of_the_one_that_is_wrong(checked: Checked) -> None:
    # Only where nothing is to be seen: the check calls corr2d once more before it compares.
    sees_too_much = RIGHT.replace(
        "    return Y\n", "    return Y + (X.shape == (8, 6) and w == 2)\n"
    )

    said = checked(sees_too_much)

    assert "K, given (1 × 2)" in said[: said.index("hint: ")]


def test_what_did_not_run_comes_first_with_its_line_and_what_follows_from_it_is_short(
    checked: Checked,
) -> None:
    said = checked(
        RIGHT.replace("def __init__(self, kernel_size):", "def __init__(self, kernel_size)")
    )

    head = said[: said.index("corr2d-exact ")]
    assert "SyntaxError: expected ':'\n        def __init__(self, kernel_size)\n" in head
    assert "hint: " not in said
    assert "Conv2D is not defined" not in said


def test_a_mistake_of_its_own_is_shown_whole_after_what_did_not_run(checked: Checked) -> None:
    said = checked(FLIPPED + "\nprint(nothing)\n")

    assert said.index("NameError") < said.index("The worked example") < said.index("hint: ")


def test_work_not_begun_is_one_line_without_a_hint(checked: Checked) -> None:
    said = checked(RIGHT + "\n" + STUB)

    assert "not begun yet: corr2d is still to be written (line " in said
    assert "hint: " not in said
    assert "The worked example" not in said


def test_what_is_begun_is_shown_before_what_is_not(checked: Checked) -> None:
    said = checked(WITHOUT_BIAS + "\n" + STUB.replace("corr2d(X, K)", "train_kernel(*all)"))

    assert "[29 35]" not in said
    assert " 29  35" in said[: said.index("corr2d-exact ")]
    assert "learned-kernel      0 of 12 shown here  not begun yet" in said


def test_a_name_that_the_students_own_code_lacks_follows_from_what_did_not_run(
    checked: Checked,
) -> None:
    marked = "# %%\ndef corr2d(X, K)\n    return X\n"

    said = checked(
        "import torch\n" + marked + "# %%\nclass Conv2D(torch.nn.Module):\n"
        "    def __init__(self, kernel_size):\n        corr2d(1, 2)\n"
    )

    assert "SyntaxError: expected ':'" in said
    assert "NameError" not in said
    assert "hint: " not in said


def test_statements_that_lack_a_name_after_a_syntax_error_are_counted(checked: Checked) -> None:
    said = checked("# %%\ndef corr2d(X, K)\n# %%\ncorr2d(1, 2)\ncorr2d(3, 4)\n1 / 0\n")

    assert "NameError" not in said
    assert "ZeroDivisionError" in said
    assert "… and 2 more that follow from it" in said


def test_a_traceback_shows_no_lines_of_the_libraries(checked: Checked) -> None:
    said = checked(
        RIGHT.replace("    return Y\n", "    return torch.nn.Linear(9, 9)(torch.ones(2, 2))\n")
    )

    head = said[: said.index("hint: ")]
    assert 'File "convolutions.py"' in head
    assert "RuntimeError: mat1 and mat2" in head
    assert "site-packages" not in head


def test_the_legend_names_numbers_that_are_marked(checked: Checked) -> None:
    wrong_at_the_end = RIGHT.replace(
        "    return Y\n", "    Y = Y + 0\n    Y[-1, -1] = 0\n    return Y\n"
    )

    said = checked(wrong_at_the_end)

    assert "0* differs from the expected number · [4] is in the window" in said
    assert "It comes from the window in brackets." in said
    assert "outlined" not in said


# --- What the code printed ----------------------------------------------------------------------


def test_what_the_code_printed_in_the_failed_check_is_shown(checked: Checked) -> None:
    said = checked(FLIPPED.replace("    return Y\n", "    print('sizes', h, w)\n    return Y\n"))

    assert "your code printed:\n        | sizes 2 2\n" in said


def test_only_the_last_lines_are_shown(checked: Checked) -> None:
    counting = FLIPPED.replace(
        "    return Y\n", "    for n in range(50): print('line', n)\n    return Y\n"
    )

    said = checked(counting)

    assert "| line 39\n" not in said
    assert "| line 40\n" in said and "| line 49\n" in said


def test_of_a_progress_bar_only_what_is_left_standing_is_shown(checked: Checked) -> None:
    said = checked(FLIPPED.replace("    return Y\n", "    print('1%\\r99%\\r')\n    return Y\n"))

    assert "| 99%\n" in said
    assert "1%" not in said


def test_nothing_that_was_printed_moves_the_cursor_or_passes_for_ours(checked: Checked) -> None:
    rude = "    print('\\x1b[2J::error::x\\n✓ all done')\n    return Y\n"

    said = checked(FLIPPED.replace("    return Y\n", rude))

    assert "\x1b" not in said
    assert "        | ✓ all done\n" in said


def test_a_right_file_does_not_repeat_what_it_prints(checked: Checked) -> None:
    said = checked(RIGHT + "\nprint('hello')\n")

    assert "hello" not in said


# --- Hints --------------------------------------------------------------------------------------


def hints(said: str) -> int:
    return said.count("    hint: ")


def test_the_first_hint_is_given_and_further_ones_when_they_are_asked_for(checked: Checked) -> None:
    given = [hints(checked(FLIPPED, next_hint=asked)) for asked in (False, False, True, True)]

    assert given == [1, 1, 2, 3]


def test_after_the_last_hint_it_says_that_there_are_no_more(checked: Checked) -> None:
    said = [checked(FLIPPED, next_hint=True) for _ in range(4)]

    assert ["no more hints" in one for one in said] == [False, False, True, True]
    assert hints(said[-1]) == 3


def test_hints_stay_while_the_check_fails_and_begin_anew_after_it_passed(checked: Checked) -> None:
    checked(FLIPPED, next_hint=True)

    stay = hints(checked(FLIPPED))
    checked(RIGHT)
    anew = hints(checked(FLIPPED))

    assert (stay, anew) == (2, 1)


def test_where_nothing_fails_it_says_that_there_is_no_hint(checked: Checked) -> None:
    assert "no hint: nothing fails" in checked(RIGHT, next_hint=True)
    assert "no hint" not in checked(RIGHT)


def test_of_what_is_not_begun_it_says_to_read_on(checked: Checked) -> None:
    said = checked(RIGHT + "\n" + STUB, next_hint=True)

    assert re.search(r"no hint: corr2d is still to be written.*; read the text above it", said)


def test_where_something_did_not_run_it_says_to_mend_that_first(checked: Checked) -> None:
    said = checked(RIGHT + "\nprint(nothing)\n", next_hint=True)

    assert "no hint: first mend what did not run" in said


# --- Progress -----------------------------------------------------------------------------------


def test_the_first_run_has_no_news(checked: Checked) -> None:
    said = checked(RIGHT)

    assert "5 of 5 exercises done, as far as visible checks can tell" in said
    assert "since last time" not in said


def test_what_is_done_since_the_last_run_is_news_once(checked: Checked) -> None:
    checked(FLIPPED)

    now, again = checked(RIGHT), checked(RIGHT)

    assert "corr2d-exact: done since last time" in now
    assert "since last time" not in again


def test_what_was_done_and_is_not_any_more_is_said(checked: Checked) -> None:
    checked(RIGHT)

    said = checked(FLIPPED)

    assert "edge-detection: was done, and is not any more" in said


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b'{"files": 3}', b'{"files": {"convolutions.py": {"done": 1}}}',
     b'{"files": {"convolutions.py": {"hints": {"x": "y"}}}}', b"[" * 60_000, b" " * 10**6],
)  # fmt: skip
def test_whatever_is_in_the_file_the_run_goes_on(
    checked: Checked, folder: Path, content: bytes
) -> None:
    place = folder / ".autograder"
    place.mkdir()
    (place / "progress.json").write_bytes(content)

    said = checked(RIGHT)

    assert "40 points" in said
    assert read_progress(folder, "convolutions.py") is not None


def test_hints_of_a_forged_number_are_those_that_there_are(checked: Checked, folder: Path) -> None:
    checked(FLIPPED)
    path = folder / ".autograder" / "progress.json"
    kept = json.loads(path.read_bytes())
    (name,) = kept["files"]["convolutions.py"]["hints"]
    kept["files"]["convolutions.py"]["hints"][name] = 10**9
    path.write_text(json.dumps(kept))

    said = checked(FLIPPED, next_hint=True)

    assert hints(said) == 3


def test_names_in_the_file_that_are_no_exercise_are_not_told_as_news(
    checked: Checked, folder: Path
) -> None:
    place = folder / ".autograder"
    place.mkdir()
    forged = {"files": {"convolutions.py": {"done": ["\x1b[2Jgone"]}}}
    (place / "progress.json").write_text(json.dumps(forged))

    said = checked(RIGHT)

    assert "gone" not in said


def test_where_nothing_can_be_written_the_run_goes_on(checked: Checked, folder: Path) -> None:
    (folder / ".autograder").write_text("a file in the folder's place")

    said = checked(RIGHT)

    assert "40 points" in said


def test_nothing_is_written_through_a_link(checked: Checked, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / ".autograder").symlink_to(elsewhere)

    checked(RIGHT)

    assert list(elsewhere.iterdir()) == []


def test_git_leaves_the_folder_alone(checked: Checked, folder: Path) -> None:
    checked(RIGHT)

    assert (folder / ".autograder" / ".gitignore").read_text() == "*\n"


def test_the_folder_changes_nothing_in_what_is_graded(
    checked: Checked, folder: Path, tmp_path: Path
) -> None:
    released = [
        as_form(path.name, path.read_bytes(), "convolutions")
        for path in (RELEASE / "convolutions.ipynb", RELEASE / "convolutions.py")
    ]
    place = tmp_path / "submitted" / "ada" / "convolutions"
    place.mkdir(parents=True)
    (place / "convolutions.py").write_text(RIGHT)
    before = read_submission(tmp_path / "submitted", "ada", "convolutions", released, 10**6)
    checked(RIGHT)
    (folder / ".autograder").rename(place / ".autograder")
    (place / ".autograder" / "convolutions.ipynb").write_text("{}")

    after = read_submission(tmp_path / "submitted", "ada", "convolutions", released, 10**6)

    assert after == before
