"""The student's page in a real browser: on a phone, in the dark, and with hostile text in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytest.importorskip("nbgrader", reason="nbgrader is in the extra `grade`")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from autograder.outputs.student_page import student_page
from autograder.report import MisconceptionView, Outcome
from tests.autograder.nbgrader.in_browser import chromium, started_browser
from tests.autograder.outputs.test_curves import DESCENT
from tests.autograder.outputs.test_student_page import DRAWING, HOSTILE, SPEC, check, view

WIDE = "a_name_without_any_place_to_break_it_" * 8


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        reason = "no Chromium: apt-get install chromium"
        assert os.environ.get("AUTOGRADER_BROWSER_TESTS") != "required", reason
        pytest.skip(reason)
    with started_browser() as started:
        yield started


def opened(browser: Browser, folder: Path, text: str, scheme: str = "light") -> tuple[Page, list]:
    """The page with ``text`` wherever a person or student code could put it, and what it says."""
    drawn = check(title=f"A check {text}", message=text, hint=text, drawing=DRAWING)
    path = folder / "index.html"
    path.write_text(student_page(view(drawn, check(message=text), remarks=(text,)), SPEC))
    page = browser.new_page(
        viewport={"width": 360, "height": 700},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: said.append(request.url))
    page.goto(path.as_uri())
    return page, [one for one in said if not one.endswith("index.html")]


def test_nothing_is_asked_for_nothing_runs_and_nothing_is_complained_of(
    browser: Browser, tmp_path: Path
) -> None:
    page, said = opened(browser, tmp_path, HOSTILE)

    assert said == []
    assert page.locator("script, img").count() == 0
    assert HOSTILE in page.inner_text("body")


@pytest.mark.parametrize("text", ["short", WIDE])
def test_a_phone_shows_the_whole_width(browser: Browser, tmp_path: Path, text: str) -> None:
    page, _said = opened(browser, tmp_path, text)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_in_the_dark_text_and_numbers_stand_out_from_what_is_behind_them(
    browser: Browser, tmp_path: Path
) -> None:
    for scheme in ("light", "dark"):
        page, _said = opened(browser, tmp_path, "text", scheme)

        for place in ("p.soft", "td.p", "td.n", ".state", "h1"):
            assert contrast(page, place) >= 4.5, f"{place}, {scheme}"  # WCAG 2.2, AA


def whole_page(browser: Browser, folder: Path, scheme: str) -> Page:
    """A page with one of everything that there is."""
    mistake = MisconceptionView(
        name="flip", sentence="It is turned.", read_on="Part 1", drawing=DRAWING, descent=DESCENT
    )
    checks = (
        check(drawing=DRAWING),
        check(hidden=True, misconception="flip", hint=""),
        check(outcome=Outcome.PASSED, score=3, title="A check that passed"),
    )
    path = folder / "index.html"
    made = view(*checks, misconceptions=(mistake,), remarks=("a remark",), late_penalty=1.0)
    path.write_text(student_page(made, SPEC))
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_the_page_from_anybody(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    page = whole_page(browser, tmp_path, scheme)

    found = Axe().run(page).response["violations"]

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_what_is_folded_away_opens_by_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    page = whole_page(browser, tmp_path, "light")
    folded = page.get_by_text("A check that passed")
    assert not folded.is_visible()

    for _press in range(page.locator("a, summary").count()):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert folded.is_visible()


def test_on_paper_nothing_is_folded_away(browser: Browser, tmp_path: Path) -> None:
    page = whole_page(browser, tmp_path, "light")

    page.emulate_media(media="print")

    height = "element => element.getBoundingClientRect().height"
    assert page.get_by_text("A check that passed").evaluate(height) > 0


def contrast(page: Page, place: str) -> float:
    """The smallest contrast ratio of text to background at ``place``. Source: WCAG 2.2."""
    return page.evaluate(
        """place => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
            const luminance = colour => {
                canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(n => {
                    const s = n / 255;
                    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const behind = element => {
                const colour = getComputedStyle(element).backgroundColor;
                return colour === "rgba(0, 0, 0, 0)" && element.parentElement
                    ? behind(element.parentElement) : colour; };
            return Math.min(...[...document.querySelectorAll(place)].map(element => {
                const [a, b] = [luminance(getComputedStyle(element).color),
                                luminance(behind(element))].sort((x, y) => y - x);
                return (a + 0.05) / (b + 0.05); }));
        }""",
        place,
    )
