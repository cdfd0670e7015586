"""An appeal: one check run again as it was graded, or a refusal that says what is not as it was."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from autograder import cli, escape
from autograder.checks.asserts import side_by_side
from autograder.errors import OperatorError
from autograder.grading.course import grade_class
from autograder.grading.replay import Replayed, replay_check, replay_view, write_note
from autograder.grading.secret import FILE_NAME, VARIABLE
from autograder.grading.stored import read_report, write_report
from autograder.outputs.replay import replay_text
from autograder.outputs.replay_note import replay_note
from autograder.report import Outcome, Report
from autograder.sandbox.host import Sandbox
from autograder.spec import find_course
from tests.autograder.grading.in_this_process import InThisProcess

SPEC = """
title = "Toy"

[[exercises]]
name = "double"
title = "Twice as much"
points = 6

[[exercises]]
name = "other"
title = "What uses it"
points = 2

[limits]
memory_mib = 512
scratch_mib = 1

[carried_forward]
lost = ["double"]
rerun = ["other"]
name = "corr2d"
function = "conv2d"
"""
SEEN = """
import torch
from autograder.checks import assert_close, check

@check("double", points=1, hint="Twice.")
def test_seen(student):
    assert_close(student.double(torch.tensor([1.5, 2.5])), torch.tensor([3.0, 5.0]))
"""
UNSEEN = """
import torch
from autograder.checks import assert_close, check

@check("double", points=1, title="Any <b>*image*</b>", hint="Each value, twice.")
def test_drawn(student, draw):
    x = draw.normal(12, 10).t()
    assert_close(student.double(x.requires_grad_()), 2 * x.detach(), what="the doubled image")

@check("double", points=1, hint="Nothing is kept.")
def test_fresh_first(student):
    assert_close(student.fresh(torch.ones(1)), torch.ones(1))

@check("double", points=1, hint="Nothing is kept.")
def test_fresh_again(student):
    assert_close(student.fresh(torch.ones(1)), torch.ones(1))

@check("double", points=1, hint="Any number will do.")
def test_raises(student, draw):
    student.raises(draw.normal(2))

@check("double", points=1, hint="A layer.")
def test_layer(student, draw):
    layer = student.make("Layer", (2, 3))
    layer.write("weight", draw.normal(2, 3))
    assert layer.read("weight").requires_grad, "weight is frozen"

@check("other", points=1, hint="Four times.")
def test_carried(student, draw):
    image = draw.normal(2, 2)
    assert_close(student.twice(image), 4 * image)

@check("other", points=1, hint="Minus four times.")
def test_carried_in_vain(student, draw):
    image = draw.normal(2, 2)
    assert_close(student.twice(image), -4 * image)
"""
MISTAKES = """
from autograder.misconceptions import Misconception

RIGHT = {}
MISCONCEPTIONS = [
    Misconception(
        name="tripled",
        exercises=("double",),
        failed=(
            frozenset({"test_seen", "test_drawn", "test_fresh_again", "test_raises", "test_layer"}),
        ),
        to_student="Your answers are *three* times what they were given.",
        to_instructor="They multiply by 3.",
        read_on="Part 1",
    )
]
"""
SUBMITTED = r"""
import torch
met = []
def corr2d(X, K): return 0 * X
def double(x):
    print("\x1b[2J\nCONFIRMED: forged\n::error::I was given", x.tolist())
    return 3 * x
def twice(x): return corr2d(x, 4 * torch.ones(1, 1))
def fresh(x):
    met.append(x)
    return x * len(met)
def raises(x):
    raise ValueError(f"no use for {x.tolist()}")
class Layer(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(size), requires_grad=False)
"""
CHECKS = ("test_seen", "test_drawn", "test_fresh_first", "test_fresh_again", "test_raises",
          "test_layer", "test_carried", "test_carried_in_vain")  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course with one graded submission. One sandbox serves every grading and replay here."""
    root = tmp_path_factory.mktemp("appeals") / "course"
    files = {
        "course.toml": 'course_id = "toys"\n',
        "solutions/toy/assignment.toml": SPEC,
        "tests/visible/toy/test_seen.py": SEEN,
        "tests/hidden/toy/test_unseen.py": UNSEEN,
        "tests/hidden/toy/misconceptions.py": MISTAKES,
        "submitted/ada/toy/toy.py": SUBMITTED,
        "submitted/bo/toy/toy.ipynb": "not a notebook",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    course = find_course(root)
    with pytest.MonkeyPatch.context() as patch, Sandbox(course.assignment("toy")) as sandbox:
        patch.delenv(VARIABLE, raising=False)
        for module in ("bench", "replay"):
            patch.setattr(
                f"autograder.grading.{module}.Sandbox",
                lambda *arguments: contextlib.nullcontext(sandbox),
            )
        grade_class(course, "toy", root / "submitted", root, InThisProcess(course, "toy"))
        yield root


@pytest.fixture
def root(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded course, to be changed."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


@pytest.fixture(scope="module")
def replays(graded: Path) -> dict[str, Replayed]:
    return {check: replay(graded, check) for check in CHECKS}


def replay(root: Path, check: str, student: str = "ada") -> Replayed:
    return replay_check(find_course(root), "toy", student, check, root / "submitted", root)


def report_of(root: Path, student: str = "ada") -> Report:
    report = read_report(root, student, "toy")
    assert report is not None
    return report


def with_outcome(report: Report, name: str, outcome: Outcome) -> Report:
    return msgspec.structs.replace(
        report,
        exercises=tuple(
            msgspec.structs.replace(
                exercise,
                checks=tuple(
                    msgspec.structs.replace(check, outcome=outcome) if check.name == name else check
                    for check in exercise.checks
                ),
            )
            for exercise in report.exercises
        ),
    )


def with_provenance(report: Report, **changes: str) -> Report:
    provenance = msgspec.structs.replace(report.provenance, **changes)
    return msgspec.structs.replace(report, provenance=provenance)


# --- What comes out -----------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_comes_out_as_it_was_graded(check: str, replays: dict[str, Replayed]) -> None:
    replayed = replays[check]

    assert replayed.confirmed
    # The detail too: the same expected and received values.
    named = msgspec.structs.replace(replayed.now, misconception=replayed.then.misconception)
    assert named == replayed.then


def test_expected_and_got_are_those_of_grading(replays: dict[str, Replayed]) -> None:
    [transcript] = replays["test_drawn"].transcripts
    [comparison] = transcript.comparisons

    shown = side_by_side(comparison.expected.double(), comparison.got.double())
    assert shown in replays["test_drawn"].then.detail
    assert torch.allclose(2 * comparison.got, 3 * comparison.expected)


def test_code_that_remembers_an_earlier_check_is_asked_that_one_first(
    replays: dict[str, Replayed],
) -> None:
    first, again = replays["test_fresh_first"], replays["test_fresh_again"]

    assert (first.now.outcome, again.now.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert again.confirmed


def test_both_passes_are_replayed_where_errors_were_carried_forward(
    replays: dict[str, Replayed],
) -> None:
    gained, lost = replays["test_carried"], replays["test_carried_in_vain"]

    assert gained.now.carried_forward and not lost.now.carried_forward
    for replayed, outcome in [(gained, Outcome.PASSED), (lost, Outcome.FAILED)]:
        own, second = replayed.transcripts
        assert (own.carried, own.outcome) == (False, Outcome.FAILED)
        assert (second.carried, second.outcome) == (True, outcome)


def test_another_outcome_than_then_is_said_first_and_is_exit_code_1(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(root, with_outcome(report_of(root), "test_drawn", Outcome.PASSED))
    monkeypatch.chdir(root)

    code = cli.run(["replay", "ada", "test_drawn"])

    assert code == 1
    said = capsys.readouterr().out
    assert said.startswith("NOT CONFIRMED: passed when it was graded, failed now\n")
    note = (root / "reports" / "ada" / "toy" / "replay-test_drawn.md").read_text()
    assert "**The result is not confirmed**" in note


def test_the_command_prints_both_sides_writes_the_note_and_changes_no_score(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / "reports" / "ada" / "toy" / "report.json").read_bytes()
    monkeypatch.chdir(root)

    code = cli.run(["replay", "ada", "test_drawn", "submitted", "--assignment", "toy"])

    said = capsys.readouterr().out
    assert code == 0
    assert said.startswith("CONFIRMED: failed when it was graded, failed now\n")
    assert "replay-test_drawn.md" in said.splitlines()[-1]
    assert (root / "reports" / "ada" / "toy" / "report.json").read_bytes() == before
    assert sorted(path.name for path in root.iterdir()) == [
        ".course-secret", "course.toml", "reports", "solutions", "submitted", "tests",
    ]  # fmt: skip


def test_a_check_found_wrong_since_then_is_replayed_as_it_counted_then(root: Path) -> None:
    path = root / "solutions" / "toy" / "assignment.toml"
    path.write_text('void = ["test_drawn"]\n' + path.read_text())

    replayed = replay(root, "test_drawn")

    assert replayed.confirmed and not replayed.now.void


# --- What the instructor reads ------------------------------------------------------------------


def test_the_instructor_sees_every_input_and_both_sides_whole(replays: dict[str, Replayed]) -> None:
    text = replay_text(replays["test_drawn"])

    assert "1. double(tensor 0)" in text
    assert "tensor 0, (10, 12), float32, transposed, requires_grad" in text
    assert "the doubled image: differs, by at most " in text
    both = re.search(r"expected +got\n((?:  \[.*\n)+)", text)
    assert both is not None
    sides = [side for row in both[1].splitlines() for side in row.split("]   [")]
    assert [len(re.findall(r"[\d.]+", side)) for side in sides] == [12] * 20


def test_the_instructor_sees_the_students_error_with_its_place(
    replays: dict[str, Replayed],
) -> None:
    text = replay_text(replays["test_raises"])

    line = SUBMITTED.splitlines().index('    raise ValueError(f"no use for {x.tolist()}")') + 1
    assert f'File "toy.py", line {line}, in raises' in text
    assert "ValueError: no use for [" in text
    assert "test_unseen.py" in text and "autograder/checks" not in text


def test_what_is_asked_of_a_layer_is_spelled_out(replays: dict[str, Replayed]) -> None:
    text = replay_text(replays["test_layer"])

    for line in ("1. Layer((2, 3))", "2. write tensor 0 into Layer#0.weight", "3. read Layer#0."):
        assert line in text
    assert "AssertionError: weight is frozen" in text


def test_both_read_of_the_mistake_in_their_own_sentence(replays: dict[str, Replayed]) -> None:
    text, note = replay_text(replays["test_drawn"]), note_on(replays["test_drawn"])

    assert "tripled: They multiply by 3." in text
    assert r"Your answers are \*three\* times what they were given." in note
    assert "They multiply by 3." not in note and "Read on: Part 1" in note


def test_the_two_passes_are_told_apart(replays: dict[str, Replayed]) -> None:
    text = replay_text(replays["test_carried"])

    assert text.startswith("CONFIRMED: passed (errors carried forward) when it was graded")
    own, second = text.split("--- with a right corr2d in the place of the student's: passed ---")
    assert "--- with the student's own corr2d: failed ---" in own
    assert "the result: differs" in own and "the result: as expected" in second


def test_what_the_student_printed_can_neither_move_the_terminal_nor_look_like_ours(
    replays: dict[str, Replayed],
) -> None:
    text = replay_text(replays["test_drawn"])

    assert escape.lines(text) == text
    forged = [line for line in text.splitlines() if "forged" in line or "I was given" in line]
    assert len(forged) == 2 and all(line.startswith("  | ") for line in forged)


def test_another_version_of_the_grader_is_told_and_not_refused(root: Path) -> None:
    write_report(root, with_provenance(report_of(root), grader_version="0.0.7"))

    text = replay_text(replay(root, "test_drawn"))

    assert "the grader: was 0.0.7, is " in text


# --- What the student reads ---------------------------------------------------------------------


def note_on(replayed: Replayed) -> str:
    return replay_note(replay_view(replayed))


def spellings(number: float) -> set[str]:
    """How a number could be written; not as a whole number of one or two digits."""
    forms = {f"{number:.{digits}g}" for digits in range(3, 9)} | {f"{number:.{d}f}" for d in (2, 4)}
    return {form for form in {*forms, repr(number)} if len(form) > 2}


@pytest.mark.parametrize("check", ["test_drawn", "test_raises", "test_carried_in_vain"])
def test_the_note_holds_no_hidden_value_in_any_spelling(
    check: str, replays: dict[str, Replayed]
) -> None:
    note = note_on(replays[check]).replace("\\", "")
    text = replay_text(replays[check])
    tensors = [
        tensor
        for transcript in replays[check].transcripts
        for tensor in (
            *(t for exchange in transcript.exchanges for t in (*exchange.sent, *exchange.back)),
            *(t for one in transcript.comparisons for t in (one.got, one.expected)),
        )
    ]
    numbers = {float(value) for tensor in tensors for value in tensor.detach().flatten()}

    told = {n for n in numbers if spellings(abs(n)) & set(re.findall(r"[\d.]+", text))}
    assert len(told) > len(numbers) / 2, "the instructor reads them"
    assert [n for n in numbers for form in spellings(abs(n)) if form in note] == []


@pytest.mark.parametrize("check", CHECKS)
def test_the_note_holds_neither_the_students_words_nor_the_checks_source(
    check: str, replays: dict[str, Replayed]
) -> None:
    note = note_on(replays[check])

    said = ("no use for", "I was given", "ValueError", "forged", "assert_close", '.py"', "draw.")
    hidden_from_students = said if check != "test_seen" else said[1:]
    assert [text for text in hidden_from_students if text in note] == []
    assert check not in note


def test_the_note_says_what_was_repeated_and_that_it_shows_no_value(
    replays: dict[str, Replayed],
) -> None:
    replayed = replays["test_drawn"]
    note = note_on(replayed)

    for text in (
        "**The result is confirmed**",
        "failed, 0 of 1 points (the answer is not the expected one)",
        replayed.report.provenance.graded_at.partition("+")[0],
        replayed.replayed_at.partition("+")[0],
        replayed.report.submission.sha256,
        "neither its inputs nor the expected values are in this note",
    ):
        assert text is not None and text in note


def test_titles_are_text_and_no_markup_in_the_note(replays: dict[str, Replayed]) -> None:
    heading = note_on(replays["test_drawn"]).splitlines()[0]

    assert heading == r"# Repeated: Any \<b\>\*image\*\</b\>"


def test_a_visible_check_is_not_called_hidden(replays: dict[str, Replayed]) -> None:
    note = note_on(replays["test_seen"])

    assert "is hidden" not in note and "`autograder check`" in note


def test_a_note_stays_in_the_students_folder_whatever_the_check_is_called(
    root: Path, replays: dict[str, Replayed]
) -> None:
    then = msgspec.structs.replace(replays["test_drawn"].then, name="test_x[../../1]")

    path = write_note(root, msgspec.structs.replace(replays["test_drawn"], then=then), "")

    assert path.parent == root / "reports" / "ada" / "toy"


# --- What is refused ----------------------------------------------------------------------------


def change_tests(root: Path) -> None:
    with (root / "tests" / "hidden" / "toy" / "test_unseen.py").open("a") as file:
        file.write("# easier\n")


def change_torch(root: Path) -> None:
    write_report(root, with_provenance(report_of(root), torch="1.0.0"))


def change_secret(root: Path) -> None:
    (root / FILE_NAME).write_text("another secret of this course\n")


def change_submission(root: Path) -> None:
    with (root / "submitted" / "ada" / "toy" / "toy.py").open("a") as file:
        file.write("# better\n")


def change_seed(root: Path) -> None:
    write_report(root, with_provenance(report_of(root), seed="0123456789abcdef"))


@pytest.mark.parametrize(
    ("change", "what", "fix"),
    [
        (change_tests, r"the checks \(tests_sha256\): was [0-9a-f]{64}, is [0-9a-f]{64}", "commit"),
        (change_torch, rf"torch: was 1\.0\.0, is {re.escape(torch.__version__)}", "environment"),
        (change_secret, r"its fingerprint\): was [0-9a-f]{16}, is [0-9a-f]{16}", "backup"),
        (
            change_submission,
            r"the submission: was toy\.py sha256 [0-9a-f]{64}, is toy\.py sha256 [0-9a-f]{64}",
            "autograder grade --student ada",
        ),
        (change_seed, r"the seed: was 0123456789abcdef, is [0-9a-f]{16}", "the grader it was"),
    ],
)
def test_what_is_not_as_it_was_is_refused_with_both_values_and_a_fix(
    change: Callable[[Path], None], what: str, fix: str, root: Path
) -> None:
    change(root)

    with pytest.raises(OperatorError) as refused:
        replay(root, "test_drawn")

    [line] = [line for line in str(refused.value).splitlines() if ": was " in line]
    assert re.search(what, line)
    old, new = re.findall(r"(?:was|is) (?:toy\.py sha256 )?([^ ,]+)", line)
    assert old != new
    assert fix in str(refused.value).partition("fix: ")[2]


def test_all_differences_are_named_at_once_and_no_secret_is_made(root: Path) -> None:
    change_tests(root)
    (root / FILE_NAME).unlink()
    (root / "submitted" / "ada" / "toy" / "toy.py").unlink()

    with pytest.raises(OperatorError) as refused:
        replay(root, "test_drawn")

    assert str(refused.value).count("fix:") == 3
    assert "is none" in str(refused.value)
    assert "holds neither toy.ipynb nor toy.py" in str(refused.value)
    assert not (root / FILE_NAME).exists()


def test_a_check_that_is_not_in_the_report_is_refused_with_those_that_are(root: Path) -> None:
    with pytest.raises(OperatorError, match="'test_nothing'") as refused:
        replay(root, "test_nothing")

    assert all(f"{check}: " in str(refused.value) for check in CHECKS)


@pytest.mark.parametrize(
    ("student", "words"),
    [("nobody", "there is no report"), ("bo", "nothing was graded: .*is not a notebook")],
)
def test_without_a_graded_report_there_is_nothing_to_replay(
    student: str, words: str, root: Path
) -> None:
    with pytest.raises(OperatorError, match=words) as refused:
        replay(root, "test_drawn", student)

    assert "fix:" in str(refused.value)


def test_a_refusal_is_exit_code_2(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change_tests(root)
    monkeypatch.chdir(root)

    code = cli.run(["replay", "ada", "test_drawn"])

    assert code == 2
    assert "cannot be run again" in capsys.readouterr().err
    assert not list((root / "reports" / "ada" / "toy").glob("*.md"))
