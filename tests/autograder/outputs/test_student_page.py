"""The student's page: self-contained, safe, and the drawing shows where it first goes wrong."""

from __future__ import annotations

import html.parser
import math
from pathlib import Path

import msgspec
import pytest

from autograder.outputs.pages import Pages
from autograder.outputs.pictures import picture_of
from autograder.outputs.student_page import student_page
from autograder.report import (
    Drawing,
    Grid,
    MisconceptionView,
    Outcome,
    Report,
    StudentView,
    Visibility,
    student_view,
)
from autograder.report.student_view import CheckView, ExerciseView
from autograder.spec import AssignmentSpec, Exercise
from tests.autograder.grading.test_regrade import report as report_of

SPEC = AssignmentSpec(title="Two sums", name="sums", exercises=(Exercise("e", "The sum", 3),))
X = Grid((3, 3), ((0.0, 1.0, 2.0), (3.0, 4.0, 5.0), (6.0, 7.0, 8.0)))
K = Grid((2, 2), ((0.0, 1.0), (2.0, 3.0)))
RIGHT = Grid((2, 2), ((19.0, 25.0), (37.0, 43.0)))
WRONG = Grid((2, 2), ((19.0, 0.0), (37.0, 43.0)))
DRAWING = Drawing(
    what="the result", expected=RIGHT, got=WRONG, function="corr2d", inputs=(X, K)
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def check(**more: object) -> CheckView:
    view = CheckView(
        title="A check", hidden=False, outcome=Outcome.FAILED, score=0, max_score=3,
        message="the result differs in 1 of 4 values\nexpected", hint="Look again.",
        misconception=None, carried_forward=False,
    )  # fmt: skip
    return msgspec.structs.replace(view, **more)


def view(*checks: CheckView, **more: object) -> StudentView:
    made = StudentView(
        assignment="sums", student="ada", score=0, max_score=3, late_penalty=0.0,
        exercises=(ExerciseView(name="e", score=0, max_score=3, checks=checks),),
        misconceptions=(), remarks=(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


class Parsed(html.parser.HTMLParser):
    """Its tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


# --- the picture ----------------------------------------------------------------------------------


def marked(picture_grid: object, mark: str) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i, row in enumerate(picture_grid.rows)  # type: ignore[attr-defined]
        for j, cell in enumerate(row)
        if cell.mark == mark
    ]


def test_the_window_that_the_first_wrong_number_comes_from_is_outlined() -> None:
    picture = picture_of(DRAWING, windows=("corr2d",), names=("X", "K"))

    assert [grid.caption for grid in picture.grids] == [
        "X, given", "K, given", "expected", "yours", "yours − expected",
    ]  # fmt: skip
    assert marked(picture.grids[0], "window") == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert marked(picture.grids[3], "wrong") == [(0, 1)]
    assert "row 1, column 2" in picture.sentence and "window" in picture.sentence


def test_no_window_is_outlined_for_a_function_that_has_none() -> None:
    picture = picture_of(DRAWING)

    assert not marked(picture.grids[0], "window") and "window" not in picture.sentence


def test_what_the_check_takes_for_right_is_not_outlined() -> None:
    near = Grid((2, 2), ((19.05, 0.0), (37.0, 43.0)))
    drawing = msgspec.structs.replace(DRAWING, got=near, tolerance=0.1)

    picture = picture_of(drawing, windows=("corr2d",))

    assert marked(picture.grids[3], "wrong") == [(0, 1)]


def test_a_function_of_vectors_has_no_window_though_it_be_declared() -> None:
    vector = Grid((3,), ((1.0, 2.0, 3.0),))
    drawing = msgspec.structs.replace(DRAWING, inputs=(vector, vector))

    assert not marked(picture_of(drawing, windows=("corr2d",)).grids[0], "window")


def test_the_strongest_colour_is_the_largest_magnitude_of_expected_and_got_together() -> None:
    half = Grid((1, 2), ((-2.0, 1.0),))
    whole = Grid((1, 2), ((-4.0, 1.0),))

    picture = picture_of(Drawing(what="", expected=half, got=whole))

    assert [cell.strength for cell in picture.grids[0].rows[0]] == [-0.5, 0.25]
    assert [cell.strength for cell in picture.grids[1].rows[0]] == [-1, 0.25]


def test_other_shapes_are_told_and_no_difference_is_drawn() -> None:
    picture = picture_of(Drawing(what="", expected=RIGHT, got=Grid((1, 2), ((19.0, 25.0),))))

    assert "2 × 2" in picture.sentence and "1 × 2" in picture.sentence
    assert [grid.caption for grid in picture.grids] == ["expected", "yours"]


def test_what_is_no_number_is_shown_and_is_wrong() -> None:
    got = Grid((2, 2), (("nan", "inf"), ("-inf", 43.0)))

    picture = picture_of(Drawing(what="", expected=RIGHT, got=got))

    shown = [[cell.text for cell in row] for row in picture.grids[1].rows]
    assert shown == [["nan", "∞"], ["−∞", "43"]]
    assert marked(picture.grids[1], "wrong") == [(0, 0), (0, 1), (1, 0)]
    assert all(math.isfinite(cell.strength) for row in picture.grids[1].rows for cell in row)


# --- the page -------------------------------------------------------------------------------------


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    tags = Parsed(student_page(view(check(drawing=DRAWING)), SPEC)).tags

    names = {tag for tag, _attributes in tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form"})
    assert not [a for _tag, a in tags if {"src", "onclick", "onload"} & a.keys()]
    assert all(str(a["href"]).startswith("#") for _tag, a in tags if "href" in a)
    policy = next(a["content"] for tag, a in tags if tag == "meta" and "http-equiv" in a)
    assert policy is not None and policy.startswith("default-src 'none'")


def test_whatever_a_name_or_message_holds_is_text() -> None:
    drawing = msgspec.structs.replace(DRAWING, function=HOSTILE)
    checks = check(title=HOSTILE, message=HOSTILE, hint=HOSTILE, drawing=drawing)
    spec = msgspec.structs.replace(SPEC, title=HOSTILE)

    page = student_page(view(checks, student=HOSTILE, remarks=(HOSTILE,)), spec)

    harmless = {tag for tag, _a in Parsed(student_page(view(check(drawing=DRAWING)), SPEC)).tags}
    assert {tag for tag, _attributes in Parsed(page).tags} <= harmless | {"ul", "li", "section"}
    assert page.count("&lt;script&gt;") >= 5
    assert "<script" not in page and "<img" not in page


def test_where_there_is_a_picture_the_numbers_are_not_told_twice() -> None:
    with_picture = student_page(view(check(drawing=DRAWING)), SPEC)
    without = student_page(view(check(message="differs\nGRID")), SPEC)

    assert "expected</p>" not in with_picture and "GRID" in without


def test_a_passed_check_says_no_message() -> None:
    passed = check(outcome=Outcome.PASSED, score=3, message="all is well", hint="")

    assert "all is well" not in student_page(view(passed), SPEC)


NAMED = MisconceptionView(name="flip", sentence="You turn the kernel.", read_on="Part 1")


def test_a_mistake_is_told_once_and_then_pointed_to() -> None:
    failed = check(misconception="flip", drawing=DRAWING, hint="")
    exercises = tuple(
        ExerciseView(name=name, score=0, max_score=3, checks=(failed,)) for name in ("e", "f")
    )

    page = student_page(view(exercises=exercises, misconceptions=(NAMED,)), SPEC)

    assert page.count("You turn the kernel.") == 1
    assert '<a href="#exercise-1">The sum</a></p></div>' in page


def test_a_mistake_that_only_hidden_checks_show_is_drawn_on_its_example() -> None:
    hidden = check(hidden=True, misconception="flip", hint="", message="not the expected one")
    drawn = msgspec.structs.replace(NAMED, drawing=DRAWING)

    alone = student_page(view(hidden, misconceptions=(drawn,)), SPEC)
    beside = student_page(
        view(hidden, check(misconception="flip", drawing=DRAWING), misconceptions=(drawn,)), SPEC
    )

    example = "On an example from the text"
    assert example in alone and example not in beside
    assert alone.count("<figure>") == beside.count("<figure>")
    assert "not the expected one" not in alone  # the mistake's sentence has said more


def test_what_is_not_begun_is_said_once_for_all_checks_that_wait_for_it() -> None:
    stub = check(failure="not-begun", message="corr2d is still to be written (line 3)", hint="")
    hidden = msgspec.structs.replace(stub, hidden=True, message="still to be written")

    page = student_page(view(stub, stub, hidden, hidden), SPEC)

    assert page.count("still to be written") == 1 and "not begun yet" in page
    assert "3 more checks wait for it" in page


def test_checks_that_passed_are_folded_away_and_counted() -> None:
    passed = check(outcome=Outcome.PASSED, score=3)

    page = student_page(view(passed, passed), SPEC)

    assert "<summary>2 checks passed</summary>" in page and "<details open" not in page


def test_losses_of_a_function_that_is_declared_so_are_a_curve_without_its_inputs() -> None:
    vectors = [Grid((3,), ((4.0, second, 1.0),)) for second in (2.0, 3.0)]
    losses = Drawing(
        what="the losses", expected=vectors[0], got=vectors[1], function="train", inputs=(X,)
    )
    spec = msgspec.structs.replace(SPEC, curves=("train",))

    assert "polyline" in student_page(view(check(drawing=losses)), spec)
    assert "given" not in student_page(view(check(drawing=losses)), spec)
    assert "polyline" not in student_page(view(check(drawing=losses)), SPEC)


def test_full_marks_are_said_in_a_sentence() -> None:
    assert "Everything is right" in student_page(view(score=3), SPEC)
    assert "Everything is right" not in student_page(view(score=2), SPEC)


def test_what_being_late_costs_is_told_with_what_is_left() -> None:
    page = student_page(view(score=30, late_penalty=10.0), SPEC)

    assert "10 points are taken off, which leaves 20" in page


def test_what_could_not_be_scored_is_no_zero() -> None:
    broke = view(check(outcome=Outcome.ERRORED, score=None, message="ours"), score=None)

    page = student_page(broke, SPEC)

    assert "not scored yet" in page and "0 of 3 points" not in page


# --- where it is written --------------------------------------------------------------------------


def report(score: int = 3) -> Report:
    return msgspec.structs.replace(report_of(score, "a" * 64), assignment="sums")


def test_a_page_that_says_the_same_is_left_alone(tmp_path: Path) -> None:
    pages = Pages(SPEC, tmp_path)
    path = pages.write(report())
    before = path.stat().st_mtime_ns, path.read_bytes()

    again = pages.write(msgspec.structs.replace(report(), duration_seconds=9.0))

    assert (again.stat().st_mtime_ns, again.read_bytes()) == before


@pytest.mark.parametrize("changed", ["score", "spec"])
def test_a_page_is_made_anew_where_it_says_something_else(tmp_path: Path, changed: str) -> None:
    path = Pages(SPEC, tmp_path).write(report())
    before = path.read_bytes()
    spec = msgspec.structs.replace(SPEC, title="Three sums") if changed == "spec" else SPEC

    Pages(spec, tmp_path).write(report(2 if changed == "score" else 3))

    assert path.read_bytes() != before


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_hidden_check_has_no_picture_whatever_the_report_holds(visibility: Visibility) -> None:
    made = report()
    forged = msgspec.structs.replace(
        made.exercises[0].checks[0], visibility=visibility, drawing=DRAWING
    )
    exercise = msgspec.structs.replace(made.exercises[0], checks=(forged,))

    seen = student_view(msgspec.structs.replace(made, exercises=(exercise,)))

    drawn = seen.exercises[0].checks[0].drawing is not None
    assert drawn == (visibility is Visibility.VISIBLE)


def hidden_with_more(made: Report) -> Report:
    told = msgspec.structs.replace(
        made.exercises[0].checks[0],
        visibility=Visibility.HIDDEN,
        outcome=Outcome.FAILED,
        message="the answer is not the expected one",
        after_due="X has shape (3, 4)",
        detail="the instructor's",
        drawing=DRAWING,
    )
    exercise = msgspec.structs.replace(made.exercises[0], checks=(told,))
    return msgspec.structs.replace(made, exercises=(exercise,))


def test_after_the_due_date_a_hidden_check_is_shown_as_far_as_its_report_may_be(
    tmp_path: Path,
) -> None:
    made = hidden_with_more(report())

    before = Pages(SPEC, tmp_path).write(made).read_text()
    after = Pages(SPEC, tmp_path, after_due=True).write(made).read_text()
    again = Pages(SPEC, tmp_path).write(made).read_text()

    assert "X has shape" not in before and "<figure>" not in before
    assert "X has shape" in after and "<figure>" in after
    assert "the instructor's" not in after
    assert again == before


def test_a_picture_that_cannot_be_drawn_is_left_out_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise OverflowError

    monkeypatch.setattr("autograder.outputs.student_page.picture_of", broken)

    page = Pages(SPEC, tmp_path, after_due=True).write(hidden_with_more(report())).read_text()

    assert "X has shape" in page and "<figure>" not in page


def test_a_page_stays_small_however_much_there_is_to_show() -> None:
    checks = [check(message="&" * 100_000, drawing=DRAWING) for _number in range(40)]

    page = student_page(view(*checks), SPEC)

    assert page.count("<figure>") == 12 * 5
    assert len(page.encode()) < 300_000
