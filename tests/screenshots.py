"""The pictures of docs/images: formgrader on the example class, a student's page, a class's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.outputs.class_line import line_of
from autograder.outputs.class_page import class_page
from autograder.outputs.class_view import ClassView
from tests.autograder.conftest import BIN, ROOT
from tests.autograder.nbgrader.in_browser import (
    Visit,
    chromium,
    copy_course,
    environment,
    formgrader,
    started_browser,
)
from tests.autograder.outputs.made_class import SPEC, made_class

IMAGES = ROOT / "docs" / "images"
ENDLESS = ("dong", "kofi")  # whose loops take their time
LARGEST_BYTES = 150_000


def main() -> None:
    """Grade the example class in a folder of its own, and take the pictures."""
    if chromium() is None:
        sys.exit("no browser to take pictures with\n  fix: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "course", Path(folder) / "home"
        home.mkdir()
        copy_course(root)
        shutil.copytree(
            ROOT / "examples/submitted",
            root / "submitted",
            ignore=lambda place, names: ENDLESS if Path(place).name == "submitted" else (),
        )
        environ = environment(home) | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        subprocess.run([BIN / "autograder", "grade"], cwd=root, env=environ, check=True)
        with formgrader(root, home) as address, started_browser() as browser:
            _take_page(browser, root)
            _take_class_page(browser, Path(folder) / "class.html")
            visit = Visit(browser, address)
            visit.page.set_viewport_size({"width": 1000, "height": 650})
            visit.open("manage_submissions/convolutions")
            _take(visit, "formgrader-submissions")
            page = visit.open_submission("fatima")
            page.locator("input.score[id='corr2d-exact']").fill("7")
            page.locator("input.score[id='corr2d-exact']").blur()
            page.wait_for_load_state("networkidle")
            page.set_viewport_size({"width": 1000, "height": 1000})
            top = page.locator("textarea[id='corr2d-comment']").bounding_box()
            page.evaluate(f"window.scrollBy(0, {top['y'] - 380})")  # type: ignore[index]
            page.wait_for_timeout(2000)  # the mark that it is saved fades
            _take(visit, "formgrader-submission")


def _take_page(browser: Any, root: Path) -> None:
    """The page of a student who turned the kernel."""
    page = browser.new_page(viewport={"width": 860, "height": 700}, color_scheme="light")
    page.goto((root / "pages/fatima/convolutions/index.html").as_uri())
    _saved(page, "student-page")
    page.close()


def _take_class_page(browser: Any, path: Path) -> None:
    """The page of a made-up class of a thousand."""
    lines = tuple(line_of(report, SPEC) for report in made_class(1000))
    path.write_text(class_page(ClassView(SPEC, lines)))
    page = browser.new_page(viewport={"width": 1000, "height": 1060}, color_scheme="light")
    page.goto(path.as_uri())
    _saved(page, "class-page")
    page.close()


def _take(visit: Visit, name: str) -> None:
    _saved(visit.page, name)


def _saved(page: Any, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size} bytes")
    assert size < LARGEST_BYTES, "too large for a repository"


if __name__ == "__main__":
    main()
