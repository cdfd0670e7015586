"""Lines for a terminal and for a pipe, and the pictures in them."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len

from autograder.outputs.pictures import picture_of
from autograder.report import Drawing, Grid
from autograder.student.grids import picture_lines
from autograder.student.screen import Screen, Span, fitted, line, plain, screen_of, write

TERMINAL = Screen(columns=40, is_terminal=True)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def a_terminal_with_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def grid(rows: list[list[float]], shape: tuple[int, ...] | None = None) -> Grid:
    return Grid(shape or (len(rows), len(rows[0])), tuple(map(tuple, rows)))


def drawn(drawing: Drawing, screen: Screen) -> list[str]:
    picture = picture_of(drawing, ["corr2d"])
    return [plain(one) for one in picture_lines(picture, len(drawing.inputs), screen)]


def test_a_pipe_gets_plain_text_and_no_line_is_broken() -> None:
    pipe = io.StringIO()
    screen = screen_of(pipe)

    write(fitted([(Span("✓ ", "green"), Span("word " * 50, "bold"))], screen), pipe, screen)

    assert pipe.getvalue() == "✓ " + ("word " * 50).rstrip() + "\n"


def test_a_terminal_gets_colours() -> None:
    terminal = Terminal()
    screen = screen_of(terminal)

    write([(Span("✓ ", "green"), Span("done"))], terminal, screen)

    assert screen.colours in ("many", "all")
    assert "\x1b[32m✓" in terminal.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colours_gets_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    terminal = Terminal()
    screen = screen_of(terminal)

    write([(Span("✓ ", "green"), Span("done", "bold"))], terminal, screen)

    assert terminal.getvalue() == "✓ done\n"


def test_markup_in_a_text_is_text_to_rich_too() -> None:
    terminal = Terminal()

    write([line("[red]x[/red] :smile:", "bold")], terminal, screen_of(terminal))

    assert "[red]x[/red] :smile:" in re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())


def test_a_long_line_is_broken_between_words_and_keeps_its_styles() -> None:
    made = fitted(
        [(Span("✗ ", "red"), Span("a sentence that is longer than that " * 2, "bold"))], TERMINAL
    )

    assert len(made) == 2
    assert made[0][0] == Span("✗ ", "red")
    assert {span.style for one in made for span in one if "sentence" in span.text} == {"bold"}
    assert all(cell_len(plain(one)) <= 40 for one in made)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "✓ 2 × 3 −1 ∞"), ("cp1252", "+ 2 × 3 -1 inf"), ("ascii", "+ 2 x 3 -1 inf")],
)
def test_what_an_encoding_has_no_sign_for_is_written_in_another(encoding: str, shown: str) -> None:
    screen = Screen(encoding=encoding)

    assert screen.sign("✓ 2 × 3 −1 ∞") == shown


def test_right_and_wrong_stay_two_signs_in_any_encoding() -> None:
    for encoding in ("utf-8", "cp1252", "latin-1", "ascii", "cp437", "gb2312", "no-such"):
        screen = Screen(encoding=encoding)
        assert len({screen.sign(sign) for sign in "✓✗?"}) == 3, encoding


# --- Pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_no_line_of_a_picture_is_wider_than_the_terminal(columns: int) -> None:
    wide = [[float(i * j) for j in range(12)] for i in range(4)]
    drawing = Drawing(
        what="", expected=grid(wide), got=grid([[n + 0.123 for n in row] for row in wide]),
        function="corr2d", inputs=(grid(wide), grid([[1.0, -1.0]])),
    )  # fmt: skip

    lines = drawn(drawing, Screen(columns=columns, is_terminal=True))

    assert max(cell_len(one) for one in lines if "from the expected" not in one) <= columns


def test_a_vector_too_long_for_the_screen_stands_upright_beside_what_was_expected() -> None:
    losses = [[12 * 0.4096**n for n in range(10)]]
    drawing = Drawing(
        what="the losses",
        expected=grid(losses, (10,)),
        got=grid([[n / 2 for n in losses[0]]], (10,)),
    )

    lines = drawn(drawing, Screen(columns=60))

    (first,) = [one for one in lines if one.split()[:1] == ["12"]]
    assert first.split() == ["12", "6*", "−6"]


def test_numbers_that_are_none_are_drawn() -> None:
    drawing = Drawing(
        what="", expected=grid([[1.0, 2.0]]), got=Grid((1, 2), (("nan", "-inf"),)), tolerance=0.1
    )

    lines = drawn(drawing, Screen(encoding="cp1252"))

    assert any("nan*" in one and "-inf*" in one for one in lines)


def test_an_empty_answer_and_a_single_number_are_drawn() -> None:
    drawing = Drawing(what="", expected=Grid((), ((3.0,),)), got=Grid((0, 4), ()))

    lines = drawn(drawing, Screen())

    assert "expected (a single number)" in lines[0] and "yours (0 × 4)" in lines[0]


@pytest.mark.parametrize("colours", ["many", "all"])
def test_a_number_is_readable_on_light_and_dark_terminals_alike(colours: str) -> None:
    drawing = Drawing(what="", expected=grid([[1.0, 0.0, -1.0]]), got=grid([[0.0, 0.0, 0.0]]))
    picture = picture_of(drawing)

    spans = [s for one in picture_lines(picture, 0, Screen(colours=colours)) for s in one]

    numbers = [span for span in spans if re.fullmatch(r" *[−\d]+[ *]", span.text)]
    assert numbers
    assert all(
        re.search(r"#\w+ on (#\w+|color\(\d+\))", span.style) for span in numbers
    )  # both, or neither
