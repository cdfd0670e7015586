"""formgrader's server as `make formgrader` starts it, and a browser that writes down what it meets.

Nothing is fetched from the network: MathJax, which nbgrader's pages load from another host and
cannot do without, is a stand-in that typesets nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Route,
    sync_playwright,
)

from tests.autograder.conftest import BIN, ROOT

_MATHJAX = """
window.MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(f) { f("End"); }}}}};
"""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The system's browser, or None."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def copy_course(root: Path) -> None:
    """A course of its own at ``root``, without students."""
    for folder in ("assignments", "solutions", "tests/visible", "tests/hidden"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / file, root)


def environment(home: Path) -> dict[str, str]:
    """The variables of a person whose Jupyter keeps everything below ``home``."""
    places = {
        f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    return {**os.environ, **places, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@contextlib.contextmanager
def formgrader(root: Path, home: Path) -> Iterator[str]:
    """The address that the command prints, for as long as the ``with`` block lasts."""
    with (
        (home / "server.log").open("w") as log,
        subprocess.Popen(
            [BIN / "autograder", "formgrader", "--port", "0"],
            cwd=root,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as server,
    ):
        try:
            assert server.stdout is not None
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address is not None, (home / "server.log").read_text()
            yield address[0]
        finally:
            server.terminate()


class Visit:
    """One instructor's browser, logged in, and what happened in it that should not have."""

    def __init__(self, browser: Browser, address: str) -> None:
        parts = urlsplit(address)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.headers = {"Authorization": f"token {parse_qs(parts.query)['token'][0]}"}
        self.context: BrowserContext = browser.new_context(viewport={"width": 1100, "height": 900})
        self.foreign: list[str] = []  # requests to anybody but the server
        self.own: list[str] = []  # and those to the server
        self.errors: list[str] = []  # of the console, and exceptions of the page
        self.context.route("**/*", self._route)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)
        self.page.goto(address)

    def open(self, path: str) -> Page:
        """The page at ``path`` below formgrader, with all it loads."""
        self.page.goto(f"{self.origin}/formgrader/{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def submissions(self) -> dict[str, dict[str, object]]:
        """By student, what formgrader says of the one notebook."""
        answer = self.context.request.get(
            f"{self.origin}/formgrader/api/submitted_notebooks/convolutions/convolutions"
        )
        return {one["student"]: one for one in answer.json()}

    def open_submission(self, student: str) -> Page:
        """The page on which the work of ``student`` is graded by hand."""
        page = self.open(f"submissions/{self.submissions()[student]['id']}/")
        page.wait_for_function("typeof formgrader != 'undefined' && formgrader.loaded")
        page.wait_for_function("formgrader.grades.loaded && formgrader.comments.loaded")
        return page

    def _route(self, route: Route) -> None:
        url = route.request.url
        if url.startswith(self.origin + "/"):
            self.own.append(url.removeprefix(self.origin))
            route.continue_()
        elif "/mathjax/" in url:
            route.fulfill(body=_MATHJAX, content_type="text/javascript")
        else:
            self.foreign.append(url)
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.location['url']}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextlib.contextmanager
def started_browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        try:
            yield browser
        finally:
            browser.close()
