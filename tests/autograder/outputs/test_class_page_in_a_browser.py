"""The class page in a browser: a thousand students sorted and filtered; small, dark, hostile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytest.importorskip("altair", reason="altair is in the extra `grade`")

from playwright.sync_api import Browser, Page

from autograder.outputs.class_line import line_of
from autograder.outputs.class_page import class_page
from autograder.outputs.class_view import ClassView
from tests.autograder.nbgrader.in_browser import chromium, started_browser
from tests.autograder.outputs.made_class import SPEC, made_class
from tests.autograder.outputs.test_class_page import hostile
from tests.autograder.outputs.test_page_in_a_browser import WIDE, contrast
from tests.autograder.outputs.test_student_page import HOSTILE

REPORTS = made_class(1000)
SHOWN = "#students-table tbody tr:not([hidden])"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        reason = "no Chromium: apt-get install chromium"
        assert os.environ.get("AUTOGRADER_BROWSER_TESTS") != "required", reason
        pytest.skip(reason)
    with started_browser() as started:
        yield started


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the thousand."""
    path = tmp_path_factory.mktemp("class") / "index.html"
    path.write_text(class_page(view(1000)))
    return path


@pytest.fixture(scope="module")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a class that opens faster."""
    path = tmp_path_factory.mktemp("class") / "index.html"
    path.write_text(class_page(view(150)))
    return path


def view(count: int) -> ClassView:
    return ClassView(SPEC, tuple(line_of(report, SPEC) for report in REPORTS[:count]))


def opened(
    browser: Browser, path: Path, width: int = 1100, scheme: str = "light"
) -> tuple[Page, list[str]]:
    """The page, and whatever it says, asks for or complains of."""
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: said.append(request.url))
    page.goto(path.as_uri())
    said[:] = [one for one in said if one != path.as_uri()]
    return page, said


def column(page: Page, number: int) -> list[str]:
    """What the rows that are shown hold there, from top to bottom."""
    return page.eval_on_selector_all(
        SHOWN, "(rows, number) => rows.map(row => row.cells[number].textContent)", number
    )


def test_a_thousand_students_open_without_a_complaint(browser: Browser, written: Path) -> None:
    page, said = opened(browser, written)

    assert said == []
    assert page.locator(SHOWN).count() == 1000
    assert page.locator("svg[role=img]").count() == 3
    page.close()


def test_a_click_on_a_head_sorts_and_another_one_turns_it_round(
    browser: Browser, written: Path
) -> None:
    page, _said = opened(browser, written)
    score = page.locator("#students-table thead th").filter(has_text="score")

    score.get_by_role("button").click()
    upwards = column(page, 1)
    score.get_by_role("button").click()

    numbers = [-1 if one == "–" else int(one) for one in upwards]
    assert numbers == sorted(numbers) and len(set(numbers)) > 20
    assert [-1 if one == "–" else int(one) for one in column(page, 1)] == sorted(numbers)[::-1]
    assert score.get_attribute("aria-sort") == "descending"
    sorted_by = page.locator("th[aria-sort=ascending], th[aria-sort=descending]")
    assert sorted_by.count() == 1
    page.close()


def test_sorting_a_thousand_takes_no_time_that_is_noticed(browser: Browser, written: Path) -> None:
    page, _said = opened(browser, written)

    milliseconds = page.evaluate(
        """() => [...document.querySelectorAll("#students-table thead button")].map(button => {
            const start = performance.now();
            button.click(); document.body.offsetHeight;  // with the layout
            return performance.now() - start; })"""
    )

    print("sorted in ms:", [round(one) for one in milliseconds])
    assert column(page, len(milliseconds) - 1)[0] != ""  # sorted by the last of them
    page.close()


def test_empty_cells_come_last_either_way(browser: Browser, smaller: Path) -> None:
    page, _said = opened(browser, smaller)
    mistakes = page.locator("#students-table thead th").filter(has_text="misconceptions")
    number = page.locator("#students-table thead th").all_inner_texts()
    place = next(i for i, text in enumerate(number) if "misconceptions" in text)

    for _way in range(2):
        mistakes.get_by_role("button").click()
        found = column(page, place)
        assert found[0] and not found[-1]
    page.close()


def test_filters_hold_together_and_say_how_many_are_left(browser: Browser, written: Path) -> None:
    page, _said = opened(browser, written)

    page.get_by_label("Misconception").select_option(label="flipped-kernel")
    flipped = column(page, 0)
    page.get_by_label("Lost points in").select_option(label="Learning the kernel")
    both = column(page, 0)
    page.get_by_label("Find a student").fill(both[0][:5].upper())
    found = column(page, 0)

    shows = {r.student for r in REPORTS for one in r.misconceptions if one.name == "flipped-kernel"}
    lost = {
        r.student
        for r in REPORTS
        for one in r.exercises
        if one.name == "learned-kernel" and one.score is not None and one.score < one.max_score
    }
    assert set(flipped) == shows and set(both) == shows & lost < shows
    assert both[0] in found and all(one.startswith(both[0][:5]) for one in found)
    assert page.locator("#shown").inner_text() == str(len(found))
    page.close()


def test_who_needs_a_person_can_be_shown_alone(browser: Browser, written: Path) -> None:
    page, _said = opened(browser, written)

    page.get_by_role("checkbox", name="needs a person").check()

    assert set(column(page, 0)) == {line.student for line in view(1000).lines if line.troubles}
    page.close()


def test_where_nobody_is_left_that_is_said(browser: Browser, smaller: Path) -> None:
    page, _said = opened(browser, smaller)

    page.get_by_label("Find a student").fill("nobody is called so")

    assert page.get_by_text("Nobody is left").is_visible()
    assert page.locator("#shown").inner_text() == "0"
    page.close()


def test_the_keyboard_alone_finds_sorts_and_opens(browser: Browser, written: Path) -> None:
    page, _said = opened(browser, written)
    student = REPORTS[500].student

    page.get_by_label("Find a student").focus()
    page.keyboard.type(student)
    for _stop in range(4):  # three filters, then the table that scrolls
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    in_head = page.evaluate("document.activeElement.closest('th').textContent")
    page.keyboard.press("Enter")
    turned = page.evaluate("document.activeElement.closest('th').ariaSort")

    assert "student" in in_head and turned == "descending"
    assert column(page, 0) == [student]
    page.close()


def test_whatever_names_and_messages_hold_nothing_runs(browser: Browser, tmp_path: Path) -> None:
    evil = [hostile(report) for report in REPORTS[:40]]
    spec = msgspec.structs.replace(SPEC, title=HOSTILE)
    made = ClassView(spec, tuple(line_of(one, spec) for one in evil), (HOSTILE,))
    path = tmp_path / "index.html"
    path.write_text(class_page(made))

    page, said = opened(browser, path)
    page.get_by_label("Misconception").select_option(index=1)

    assert said == [] and page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("h1").inner_text()
    page.close()


def test_a_script_that_is_not_ours_does_not_run(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(class_page(view(3)).replace("</body>", "<script>alert(1)</script></body>"))

    _page, said = opened(browser, path)

    assert len(said) == 1 and "Content Security Policy" in said[0]


@pytest.mark.parametrize("name", ["ada", WIDE])
def test_a_phone_shows_the_whole_width(browser: Browser, tmp_path: Path, name: str) -> None:
    named = msgspec.structs.replace(REPORTS[0], student=name)
    path = tmp_path / "index.html"
    lines = tuple(line_of(one, SPEC) for one in (named, *REPORTS[1:80]))
    path.write_text(class_page(ClassView(SPEC, lines, (WIDE,))))

    page, _said = opened(browser, path, width=360)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@pytest.mark.parametrize("name", ["ada", WIDE])
@pytest.mark.parametrize("width", [360, 900])
def test_a_narrow_table_keeps_names_in_sight_and_heads_in_one_line(
    browser: Browser, tmp_path: Path, name: str, width: int
) -> None:
    named = msgspec.structs.replace(REPORTS[0], student=name)
    path = tmp_path / "index.html"
    path.write_text(class_page(ClassView(SPEC, (line_of(named, SPEC), *view(30).lines[1:]))))
    page, _said = opened(browser, path, width)
    box = page.locator(".tall")

    box.evaluate("box => { box.scrollLeft = 1e6; box.scrollTop = 60 }")
    moved = box.evaluate("box => box.scrollLeft")
    edges = page.evaluate(
        """() => [document.querySelector(".tall"), ...document.querySelectorAll(
            "#students-table tr :is(th, td):first-child")].map(one => {
                const {left, right} = one.getBoundingClientRect(); return [left, right] })"""
    )
    heads = page.eval_on_selector_all(
        "#students-table thead button", "all => all.map(one => one.offsetHeight)"
    )

    (left, right), *names = edges
    assert moved > 0
    assert all(0 <= one - left <= 1 for one, _end in names)
    assert all(end < (left + right) / 2 for _start, end in names)
    assert len(set(heads)) == 1 and heads[0] < 45
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(
    browser: Browser, smaller: Path, scheme: str
) -> None:
    page, _said = opened(browser, smaller, scheme=scheme)

    for place in ("p.soft", ".name", ".flag", "main a", "summary", "dt", "th .count", "label"):
        assert contrast(page, place) >= 4.5, f"{place}, {scheme}"  # WCAG 2.2, AA
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_drawn_in_the_pages_own_colours(
    browser: Browser, smaller: Path, scheme: str
) -> None:
    page, _said = opened(browser, smaller, scheme=scheme)

    text = page.evaluate("getComputedStyle(document.body).color")
    labels = page.eval_on_selector_all("svg text", "all => all.map(t => getComputedStyle(t).fill)")

    assert labels and set(labels) == {text}
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (1100, "dark"), (360, "light")])
def test_axe_finds_nothing_serious(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="make setup")
    path = tmp_path / "index.html"
    path.write_text(class_page(msgspec.structs.replace(view(100), notices=("x: is a link",))))
    page, _said = opened(browser, path, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    found = axe.Axe().run(page).response["violations"]

    grave = [(one["id"], one["nodes"][0]["html"]) for one in found
             if one["impact"] in ("serious", "critical")]  # fmt: skip
    assert grave == []
    page.close()
