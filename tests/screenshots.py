"""The pictures of docs/images: formgrader, students' pages, a class's, and the terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.messages import in_language
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
from tests.autograder.outputs.made_class import COURSE, SPEC, made_class

IMAGES = ROOT / "docs" / "images"
ENDLESS = ("dong", "kofi")  # whose loops take their time
LARGEST_BYTES = 150_000
# Who shows what, and where on the page it stands.
MISTAKES = {
    "fatima": ("flipped-kernel", "top"),
    "goran": ("missing-zero-grad", "exercise-5"),
    "ivan": ("untouched", "top"),
    "ada": ("full-marks", "top"),
}


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
            for language in COURSE.spec.languages:
                _take_pages(browser, root, language, environ)
                _take_class_page(browser, Path(folder) / "class.html", language)
            _take_terminal(browser, Path(folder) / "terminal", environ)
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


def _take_pages(browser: Any, root: Path, language: str, environ: dict[str, str]) -> None:
    """The pages of students who turned the kernel, left zero_grad out, began nothing, did all."""
    output = root / "build" / language
    command = [BIN / "autograder", "grade", "--lang", language, "--output", output]
    for student in MISTAKES:
        command += ["--student", student]
    subprocess.run(command, cwd=root, env=environ, check=True)
    for student, (mistake, section) in MISTAKES.items():
        page = browser.new_page(viewport={"width": 860, "height": 780}, color_scheme="light")
        page.goto((output / "pages" / student / "convolutions" / "index.html").as_uri())
        page.evaluate(f"document.getElementById('{section}')?.parentNode?.scrollIntoView()")
        _saved(page, f"student-{mistake}{_suffix(language)}")
        page.close()


def _take_class_page(browser: Any, path: Path, language: str) -> None:
    """The page of a made-up class of a thousand."""
    spec = COURSE.assignment(SPEC.name, language)
    with in_language(language):
        lines = tuple(line_of(report, spec) for report in made_class(1000, say=spec.say))
        path.write_text(class_page(ClassView(spec, lines)))
    page = browser.new_page(viewport={"width": 1000, "height": 1060}, color_scheme="light")
    page.goto(path.as_uri())
    _saved(page, f"class-page{_suffix(language)}")
    page.close()


def _suffix(language: str) -> str:
    return "" if language == COURSE.spec.languages[0] else f"-{language}"


def _take_terminal(browser: Any, folder: Path, environ: dict[str, str]) -> None:
    """`check --hint` on a kernel that is turned, and `watch` while it is put right."""
    shutil.copytree(
        COURSE.release("convolutions"),
        folder,
        ignore=shutil.ignore_patterns(".autograder", "zh_CN"),
    )
    wrong = (ROOT / "examples/submitted/fatima/convolutions/convolutions.ipynb").read_text()
    (folder / "convolutions.ipynb").unlink()
    solution = COURSE.source("convolutions").read_text()
    script = folder / "convolutions.py"
    script.write_text(jupytext.writes(nbformat.reads(wrong, as_version=4), fmt="py:percent"))
    for name, language in (("check", "en"), ("check-zh_CN", "zh_CN")):
        said = _typed([BIN / "autograder", "--lang", language, "check", "--hint"], folder, environ)
        _take_text(browser, name, said)

    def put_right() -> None:
        script.write_text(solution)

    said = _typed([BIN / "autograder", "watch"], folder, environ, put_right)
    _take_text(browser, "watch", said)


def _typed(
    command: Sequence[object],
    folder: Path,
    environ: dict[str, str],
    meanwhile: Callable[[], None] | None = None,
) -> str:
    """What ``command`` writes on a terminal; with ``meanwhile``, its last screen after that."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 100, 0, 0))
    environ = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=environ,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    ) as running:  # fmt: skip
        os.close(theirs)
        said = b""
        while running.poll() is None or select.select([ours], [], [], 0.2)[0]:
            if select.select([ours], [], [], 1.0)[0]:
                try:
                    said += os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
            elif meanwhile is not None and b"Control-C" in said:
                meanwhile()
                meanwhile, said = None, b""
            elif b"Control-C" in said:
                running.send_signal(signal.SIGINT)
    os.close(ours)
    return said.decode().rpartition("\x1b[2J")[2].replace("\r", "")


def _take_text(browser: Any, name: str, said: str) -> None:
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(said.rstrip()))
    style = "margin:0;padding:1.2rem;width:max-content;font:14px/1.35 monospace"
    text = console.export_html(
        inline_styles=True, code_format=f'<pre style="{style}">{{code}}</pre>'
    )
    page = browser.new_page(color_scheme="light")
    page.set_content(text)
    _saved(page.locator("pre"), name)
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
