"""formgrader in a real browser, on a class that `autograder grade` has graded."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed")
pytest.importorskip("playwright", reason="playwright is not installed: make setup")

from playwright.sync_api import Page, expect

from tests.autograder.conftest import ROOT, Run
from tests.autograder.nbgrader.hostile_notebook import write_hostile_notebook
from tests.autograder.nbgrader.in_browser import (
    Visit,
    chromium,
    copy_course,
    environment,
    formgrader,
    started_browser,
)

EXAMPLES = {"ada": "a right one", "fatima": "a wrong one", "goran": "a script"}
HOSTILE = "mallory@javascript.alert-1"  # of the letters that an id may have
# Folders that are no students: nbgrader lists them all the same, and believes their names.
NO_STUDENTS = ('x";window.pwned=1;"', "<img src=x onerror=window.pwned=1>")
GRADED_BY_HAND = "fatima"


class School:
    """A graded class with formgrader's server on it, and the instructor's browser."""

    def __init__(self, root: Path, home: Path, run: Run, visit: Visit) -> None:
        self.root = root
        self.visit = visit
        self._home = home
        self._run = run

    def grade(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self._run(
            ["autograder", "grade", *options], cwd=self.root, **environment(self._home)
        )

    def notebook(self, student: str) -> Path:
        return self.root / "submitted" / student / "convolutions" / "convolutions.ipynb"

    def graded_at(self, student: str) -> str:
        report = self.root / "reports" / student / "convolutions" / "report.json"
        return str(json.loads(report.read_bytes())["provenance"]["graded_at"])

    def autograde(self, student: str) -> None:
        """Click on formgrader's own button, and wait for the end."""
        page = self.visit.open("manage_submissions/convolutions")
        row = page.locator("#main-table tr", has=page.get_by_text(student, exact=True))
        row.locator(".autograde a").click()
        # However slow the machine: what is waited for is the end, which comes.
        page.locator(".modal-body").wait_for(timeout=300_000)
        assert page.locator(".modal-title").inner_text() == "Success", page.locator(
            ".modal-body"
        ).inner_text()


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Iterator[School]:
    if chromium() is None:
        reason = "Chromium is not installed\n  fix: apt-get install chromium"
        assert os.environ.get("AUTOGRADER_BROWSER_TESTS") != "required", reason
        pytest.skip(reason)
    root, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    copy_course(root)
    for student in EXAMPLES:
        shutil.copytree(ROOT / "examples/submitted" / student, root / "submitted" / student)
    broken = root / "submitted" / "broken" / "convolutions" / "convolutions.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"cells": [')
    for name in (HOSTILE, *NO_STUDENTS):
        write_hostile_notebook(root / "submitted" / name / "convolutions" / "convolutions.ipynb")
    with formgrader(root, home) as address, started_browser() as browser:
        visit = Visit(browser, address)
        page = visit.open("manage_assignments")  # of a clone in which nothing was graded yet
        expect(page.locator("#main-table .name")).to_have_text("convolutions")
        school = School(root, home, run, visit)
        graded = school.grade()
        assert graded.returncode == 1, graded.stderr  # since there is one that cannot be read
        yield school


@pytest.fixture
def visit(school: School) -> Iterator[Visit]:
    """The browser; whatever a test does with it, nothing of a student's may have run."""
    visit = school.visit
    visit.errors.clear()
    visit.own.clear()
    visit.foreign.clear()
    yield visit
    assert visit.page.evaluate("window.pwned") is None
    assert visit.errors == []
    assert visit.foreign == []
    assert not [path for path in visit.own if re.search(r"^/pwned|/x$", path)]


def test_every_submission_is_listed_with_its_score(visit: Visit) -> None:
    page = visit.open("manage_submissions/convolutions")

    rows = {
        row.locator(".student-id").inner_text(): (
            row.locator(".status").inner_text(),
            row.locator(".score").inner_text(),
        )
        for row in page.locator("#main-table tr").all()
    }
    assert rows["ada"] == ("graded", "100 / 100")
    assert rows["fatima"] == ("graded", "56 / 100")
    assert rows["goran"] == ("graded", "76 / 100")
    assert rows[HOSTILE] == ("graded", "100 / 100")
    assert rows["broken"] == ("needs manual grading", "0 / 100")


def test_only_what_could_not_be_scored_needs_a_person(visit: Visit) -> None:
    flagged = {student for student, one in visit.submissions().items() if one["needs_manual_grade"]}

    assert flagged == {"broken"}


def test_nothing_of_a_hostile_notebook_runs_and_all_of_it_can_be_read(visit: Visit) -> None:
    page = visit.open_submission(HOSTILE)

    for bait in page.locator("#notebook-container .bait").all():
        bait.hover()
    inside = page.locator("#notebook-container")
    assert inside.locator("script, iframe, object, embed, form, svg, img, base, meta").count() == 0
    assert inside.locator("a[href^='javascript'], .bait").count() == 0
    assert page.locator("script", has_text="pwned").count() == 0
    assert page.locator("[onerror], [onload], [onmouseover], [onfocus], [ontoggle]").count() == 0
    assert inside.get_by_text('<a class="bait" href="javascript:').count() > 0  # as it was typed
    assert inside.locator("input.score").count() == 5  # and no graded cell of its own


@pytest.mark.parametrize("student", [*EXAMPLES, "broken"])
def test_a_submission_opens_with_its_points_beside_each_grade_cell(
    visit: Visit, student: str
) -> None:
    page = visit.open_submission(student)

    grades = visit.context.request.get(
        f"{visit.origin}/formgrader/api/grades?submission_id={visit.submissions()[student]['id']}"
    ).json()
    assert len(grades) == 5
    for grade in grades:
        box = page.locator(f"input.score[id='{grade['name']}']")
        auto = "" if grade["auto_score"] is None else f"{grade['auto_score']:g}"
        assert (box.get_attribute("placeholder") or "") == auto


def test_what_each_check_says_stands_in_the_grade_cell(visit: Visit) -> None:
    page = visit.open_submission(GRADED_BY_HAND)

    outputs = page.locator(".output_stdout").all_inner_texts()
    assert outputs[0].strip().startswith("Cross-correlation, number by number: 1 of 25 points")
    assert "passed, 1 of 1: A kernel of one number scales every pixel" in outputs[0]
    assert "turned by 180 degrees" in outputs[0]


def test_no_line_of_our_results_is_cut_off(visit: Visit) -> None:
    page = visit.open_submission(GRADED_BY_HAND)

    wide = page.eval_on_selector_all(
        ".output_stdout pre", "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
    )
    assert wide == 0


def test_a_grade_and_a_comment_given_by_hand_outlast_every_regrade(
    school: School, visit: Visit
) -> None:
    page = visit.open_submission(GRADED_BY_HAND)
    _fill(page, "input.score[id='corr2d-exact']", "7")
    _fill(page, "textarea[id='corr2d-comment']", "Nearly: see the *flip*.")

    forced = school.grade("--force", "--student", GRADED_BY_HAND)
    assert forced.returncode == 0, forced.stderr
    _given_by_hand_is_there(visit)

    notebook = json.loads(school.notebook(GRADED_BY_HAND).read_bytes())
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": "1", "outputs": []})
    school.notebook(GRADED_BY_HAND).write_text(json.dumps(notebook))
    before = school.graded_at(GRADED_BY_HAND)
    school.autograde(GRADED_BY_HAND)
    assert school.graded_at(GRADED_BY_HAND) != before
    _given_by_hand_is_there(visit)


def test_the_button_grades_by_the_assignment_as_it_now_is(school: School, visit: Visit) -> None:
    school.autograde("ada")  # the server has read the assignment
    spec = school.root / "solutions/convolutions/assignment.toml"
    spec.write_text(spec.read_text().replace("Cross-correlation, number by number", "The first"))

    school.autograde("ada")

    assert "The first: 25 of 25" in visit.open_submission("ada").locator("body").inner_text()


@pytest.mark.parametrize("name", NO_STUDENTS)
def test_a_folder_whose_name_is_code_is_shown_as_a_name(visit: Visit, name: str) -> None:
    api = f"{visit.origin}/formgrader/api/submission/convolutions/{quote(name)}/autograde"
    visit.context.request.post(api, headers=visit.headers)  # nbgrader makes a student of it

    for path in ("manage_submissions/convolutions", "manage_students"):
        expect(visit.open(path).get_by_text(name).first).to_be_visible()
    for path in (f"manage_students/{quote(name)}", f"manage_students/{quote(name)}/convolutions"):
        visit.open(path)
        assert visit.page.evaluate("window.pwned") is None
    visit.errors.clear()  # nbgrader's own pages do not find such a student


def test_a_page_that_lies_beside_the_notebook_runs_nothing(school: School, visit: Visit) -> None:
    beside = school.root / "autograded" / HOSTILE / "convolutions" / "plot.html"
    beside.write_text("<script>window.pwned=1</script>")  # nbgrader copies every file there

    page = visit.open(f"submissions/{visit.submissions()[HOSTILE]['id']}/plot.html")
    assert page.locator("script").count() == 1
    assert page.evaluate("window.pwned") is None
    visit.errors.clear()  # the browser says that it has not run it


def test_no_kernel_is_started_for_what_a_student_handed_in(visit: Visit) -> None:
    answer = visit.context.request.post(
        f"{visit.origin}/api/kernels", headers=visit.headers, data={"name": "python3"}
    )

    assert answer.status == 403
    assert "autograder grade --student" in answer.text()


def _fill(page: Page, selector: str, text: str) -> None:
    """As a person does; the page saves when the field is left."""
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        page.locator(selector).fill(text)
        page.locator(selector).blur()
    assert saved.value.ok


def _given_by_hand_is_there(visit: Visit) -> None:
    page = visit.open_submission(GRADED_BY_HAND)
    expect(page.locator("input.score[id='corr2d-exact']")).to_have_value("7")
    expect(page.locator("input.score[id='corr2d-exact']")).to_have_attribute("placeholder", "1")
    expect(page.locator("textarea[id='corr2d-comment']")).to_have_value("Nearly: see the *flip*.")
    assert visit.submissions()[GRADED_BY_HAND]["score"] == 62
