"""`autograder watch` as a person starts it: saves of every kind, and what must not stop it."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.student.saves import settled
from autograder.student.screen import line, plain
from autograder.student.watch import within
from tests.autograder.conftest import BIN, Run
from tests.autograder.student.conftest import RIGHT

HANGS = 60.0  # seconds until a test gives up; nothing here is timed
FLIPPED = RIGHT.replace("* K[a, b]", "* K[h - 1 - a, w - 1 - b]")
_END_OF_A_PAGE = re.compile(r"\d\d:\d\d:\d\d\b")  # the line with the time is the last


class Watching:
    """The running command, and what it has said page by page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "convolutions.py"
        self.process = subprocess.Popen(
            [BIN / "autograder", "watch"],
            cwd=folder,
            env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.rest: list[str] = []
        self._pages: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def page(self) -> str:
        """The next page."""
        return self._pages.get(timeout=HANGS)

    def page_with(self, text: str) -> str:
        """The next page with ``text`` in it; one save may be seen in the middle, too."""
        while text not in (page := self.page()):
            pass
        return page

    def save(self, source: str) -> None:
        self.file.write_text(source)

    def interrupt(self) -> int:
        """Control-C, which every process of the terminal's group gets."""
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(HANGS)
        self._thread.join(HANGS)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.rest.append(text)
            if _END_OF_A_PAGE.match(text):
                self._pages.put("".join(self.rest))
                self.rest.clear()


Watch = Callable[[], Watching]


@pytest.fixture
def watch(folder: Path) -> Iterator[Watch]:
    """Start it on the right answer; it is ended with the test."""
    (folder / "convolutions.ipynb").unlink()
    (folder / "convolutions.py").write_text(RIGHT)
    started: list[Watching] = []

    def start() -> Watching:
        started.append(Watching(folder))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_each_save_is_answered_as_check_would_and_ends_with_a_verdict(watch: Watch) -> None:
    watching = watch()
    first = watching.page()

    watching.save(FLIPPED)
    second = watching.page()

    assert "40 points" in first
    assert "[0][1] 2" in second and "hint: " in second
    assert re.search(r"^\d\d:\d\d:\d\d  1 of 5 exercises done.* s\)$", second.splitlines()[-1])


def test_a_new_file_put_in_the_place_of_the_old_one_is_a_save(watch: Watch) -> None:
    watching = watch()
    watching.page()
    beside = watching.folder / "convolutions.py~"
    for source, said in ((FLIPPED, "16 points"), (RIGHT, "40 points")):
        beside.write_text(source)
        beside.replace(watching.file)

        assert said in watching.page()


def test_a_syntax_error_and_an_end_of_the_process_are_told_and_it_goes_on(watch: Watch) -> None:
    watching = watch()
    watching.page()

    watching.save(RIGHT.replace("def corr2d(X, K):", "def corr2d(X, K)"))
    broken = watching.page()
    watching.save("import os\nos._exit(0)\n")
    ended = watching.page()
    watching.save(RIGHT)
    right = watching.page()

    assert "SyntaxError" in broken
    assert "your code ended the process" in ended
    assert "40 points" in right


def test_a_file_that_is_gone_is_told_and_waited_for(watch: Watch) -> None:
    watching = watch()
    watching.page()

    watching.file.rename(watching.folder / "elsewhere.py")
    gone = watching.page()
    watching.save(FLIPPED)
    back = watching.page()

    assert "holds neither convolutions.ipynb nor convolutions.py" in gone
    assert "16 points" in back


def test_a_save_stops_the_run_of_the_one_before(watch: Watch) -> None:
    watching = watch()
    watching.page()

    watching.save("print('x')\nwhile True:\n    pass\n")
    # The loop has begun for certain once the process that runs it has used up its wait.
    threading.Event().wait(0.3)
    watching.save(FLIPPED)
    page = watching.page()

    assert "16 points" in page


def test_a_run_that_takes_long_is_told_before_its_verdict(watch: Watch) -> None:
    watching = watch()
    watching.page()

    watching.save("while True:\n    pass\n")
    page = watching.page()

    assert page.startswith("checking convolutions.py …\n")


def test_a_named_file_that_is_not_there_ends_it_as_check_does(folder: Path, run: Run) -> None:
    command = run(["autograder", "watch", "mine.py"], cwd=folder)

    assert command.returncode == 2
    assert "mine.py: there is no such file" in command.stderr


def test_when_another_form_takes_the_place_of_one_that_is_gone_it_is_said(
    watch: Watch, folder: Path
) -> None:
    watching = watch()
    (folder / "convolutions.ipynb").write_text('{"cells": []}')
    os.utime(folder / "convolutions.ipynb", (1000, 1000))
    watching.page()

    watching.file.unlink()
    page = watching.page_with("convolutions.ipynb")

    assert "convolutions.py is gone\n" in page


def test_what_no_alarm_reaches_is_ended(watch: Watch, folder: Path) -> None:
    conftest = folder / "conftest.py"
    text = re.sub(r'("\w+_cpu_seconds": )[\d.]+', r"\g<1>0.2", conftest.read_text())
    conftest.write_text(text)
    watching = watch()
    watching.page()

    watching.save("import time\ntime.sleep(10**6)\n")
    stuck = watching.page()
    watching.save(FLIPPED)
    page = watching.page()

    assert "it ran too long" in stuck
    assert "16 points" in page


def test_changed_checks_are_those_that_are_run(watch: Watch, folder: Path) -> None:
    checks = folder / "test_visible.py"
    text = checks.read_text()
    watching = watch()
    watching.page()

    checks.write_text(text + "\nthis is no Python\n")
    broken = watching.page_with("cannot be collected")
    checks.write_text(text.replace("points=5,", "points=3,"))
    changed = watching.page_with("points;")

    assert "SyntaxError" in broken
    assert "32 points" in changed


def test_control_c_ends_it_with_one_line_and_leaves_no_process(watch: Watch) -> None:
    watching = watch()
    watching.page()

    code = watching.interrupt()

    assert code == 0
    assert "".join(watching.rest).split() == ["stopped", "watching"]
    assert _all_end(watching.process.pid)


def test_control_c_in_the_middle_of_a_start_is_as_quiet(watch: Watch) -> None:
    watching = watch()
    threading.Event().wait(1.0)  # torch is loading, wherever it is by now

    watching.interrupt()

    assert "Traceback" not in "".join(watching.rest)


def test_on_a_small_terminal_the_first_failure_stays_in_sight() -> None:
    lines = [line(str(number)) for number in range(50)]

    shown = within(lines, 24, 3)

    assert len(shown) + 3 < 24
    assert shown[:10] == lines[:10]
    assert "31 lines more" in plain(shown[-1])


def test_what_fits_on_the_terminal_or_goes_into_a_pipe_is_whole() -> None:
    lines = [line(str(number)) for number in range(20)]

    assert within(lines, 24, 3) == within(lines, None, 3) == lines


def test_a_file_is_read_when_the_editor_has_written_it_whole(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_text("")
    editor = threading.Timer(0.05, file.write_text, ["all of it"])
    editor.start()

    found = settled([file])

    editor.join()
    assert found == (b"all of it",)


def test_a_file_that_is_empty_or_not_there_is_so_in_the_end(tmp_path: Path) -> None:
    (tmp_path / "empty.py").touch()

    assert settled([tmp_path / "empty.py", tmp_path / "none.py"]) == (b"", None)


def _in_session(session: int) -> list[str]:
    """Processes of a session, but those that have ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _parent, _group, own_session = rest.split()[:4]
        if int(own_session) == session and state != "Z":
            found.append(name)
    return found


def _all_end(session: int) -> bool:
    """Whether nothing of a session is left; what has been killed may take its time to end."""
    for _look in range(200):
        if not _in_session(session):
            return True
        time.sleep(0.05)
    return False
