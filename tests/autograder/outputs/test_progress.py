"""What is seen of a class on its way: a bar, plain lines, or lines of JSON."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.grading.course import ClassResult
from autograder.grading.regrade import Change
from autograder.grading.run import Step
from autograder.outputs import progress
from autograder.outputs.progress import (
    ClassProgress,
    JsonLines,
    Pace,
    why_no_score,
)
from autograder.outputs.waiting import Waiting, duration
from autograder.report import Remark, Report
from autograder.submission import Submission
from tests.autograder.grading.test_regrade import report

Said = pytest.CaptureFixture[str]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def took(seconds: float, student: str = "ada", score: int | None = 80) -> Report:
    return msgspec.structs.replace(report(score, student=student), duration_seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, in its only element."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


# --- The pace -------------------------------------------------------------------------------------


def test_the_pace_is_rate_time_left_the_slowest_and_what_has_no_score(clock: list[float]) -> None:
    pace = Pace()
    for number, one in enumerate([took(0.05), took(2.5, "bo"), took(0.1, "cy", None)]):
        clock[0] = 10.0 + number  # the first one waited for torch: it makes no pace
        pace.count(Step(number + 1, 203, one, cached=False))

    assert pace.told(200) == "1.0/s · 3 min left · slowest bo 2.5 s · 1 without a score"


def test_what_is_known_already_makes_no_pace(clock: list[float]) -> None:
    pace = Pace()

    pace.count(Step(1, 2, took(9.0), cached=True))

    assert pace.told(1) == ""


def test_what_is_shorter_than_a_second_has_two_digits(clock: list[float]) -> None:
    pace = Pace()

    pace.count(Step(1, 1, took(0.0417), cached=False))

    assert pace.told(0) == "slowest ada 0.04 s"


def test_a_students_name_cannot_move_the_terminal(clock: list[float]) -> None:
    pace = Pace()

    pace.count(Step(1, 1, took(1.0, "a\x1b[2J\n"), cached=False))

    assert "\x1b" not in pace.told(0) and "\n" not in pace.told(0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (89, "89 s"), (91, "2 min"), (3600, "60 min"), (5400, "1 h 30 min")],
)
def test_a_time_is_as_exact_as_it_is_of_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# --- Without a terminal ---------------------------------------------------------------------------


def test_without_a_terminal_every_fiftieth_submission_is_a_plain_line_on_standard_error(
    clock: list[float], capsys: Said
) -> None:
    with ClassProgress() as shown:
        for number in range(1, 121):
            clock[0] += 0.1
            shown.update(Step(number, 120, took(0.05), cached=False))

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "50 of 120 graded · 10.0/s · 7 s left · slowest ada 0.05 s\n"
        "100 of 120 graded · 10.0/s · 2 s left · slowest ada 0.05 s\n"
    )


def test_slow_submissions_are_told_every_half_a_minute(clock: list[float], capsys: Said) -> None:
    with ClassProgress() as shown:
        for number in range(1, 5):
            clock[0] += 16.0
            shown.update(Step(number, 4, took(15.0), cached=False))

    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" graded")[0] for line in lines] == ["2 of 4", "4 of 4"]


def test_an_unchanged_class_is_no_lines(clock: list[float], capsys: Said) -> None:
    with ClassProgress() as shown:
        for number in range(1, 1001):
            shown.update(Step(number, 1000, took(0.05), cached=True))

    assert capsys.readouterr().err == ""


def test_a_change_is_told_once(capsys: Said) -> None:
    with ClassProgress() as shown:
        shown.changes([Change("ada", 80, 85)])
        shown.changes([Change("ada", 80, 85), Change("bo", 90, 70, kept=True)])

    assert capsys.readouterr().out == (
        "ada 80 → 85\nbo 90 → 70: kept 90 (--allow-lower takes 70)\n"
    )


# --- For machines ---------------------------------------------------------------------------------


def test_each_line_for_machines_is_json_with_the_fields_that_are_documented(capsys: Said) -> None:
    with JsonLines() as shown:
        shown.update(Step(1, 2, took(0.05), cached=False))
        shown.update(Step(2, 2, took(0.1, "bo", None), cached=True))
        shown.changes([Change("ada", 70, 80)])
    shown.result(ClassResult((took(0.1), took(0.1, "bo", None)), ("x: no student",), graded=1))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["submission", "submission", "change", "class"]
    assert lines[1] == {
        "event": "submission", "done": 2, "total": 2, "student": "bo", "score": None,
        "max_score": 100, "late_penalty": 0.0, "cached": True, "seconds": 0.1,
        "why": "a check broke on our side: test_x",
    }  # fmt: skip
    assert lines[0]["why"] == ""
    assert (lines[-1]["complete"], lines[-1]["without_score"]) == (False, 1)
    for line in lines:
        assert set(line) == documented(line["event"])


def documented(event: str) -> set[str]:
    """The fields that docs/grading-a-class.md has for an event."""
    text = (Path(__file__).parents[3] / "docs" / "grading-a-class.md").read_text()
    [row] = [line for line in text.splitlines() if line.startswith(f"| `{event}` |")]
    return {"event", *re.findall(r"`(\w+)`", row.partition("|")[2].partition("|")[2])}


@pytest.mark.parametrize(
    ("remarks", "why"),
    [(("ada.py: is a link\n  fix: hand in the file", "x"), "ada.py: is a link"),
     ((), "nothing could be graded")],
)  # fmt: skip
def test_a_missing_score_has_the_reason_that_the_report_gives(
    remarks: tuple[str, ...], why: str
) -> None:
    unread = msgspec.structs.replace(
        report(None), exercises=(), remarks=tuple(Remark(text=text) for text in remarks)
    )

    assert why_no_score(unread) == why


# --- Whom it waits for ----------------------------------------------------------------------------


class OneAfterTheOther:
    """Graders that have two submissions at once and come to the later one first."""

    def grade(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, Report | None]]:
        first, second = submissions
        yield second, report(80)
        yield first, None


def test_where_nothing_comes_it_is_said_who_has_been_graded_for_longest(clock: list[float]) -> None:
    waiting = Waiting()
    clock[0] = 100.0
    submissions = [Submission("ada", ()), Submission("bo", ())]

    said = [waiting.told()]
    for submission, _report in waiting.watched(OneAfterTheOther()).grade(submissions):
        said += [submission.student, waiting.told()]
        clock[0] += 4.9
        said.append(waiting.told())
        clock[0] += 7.1
        said.append(waiting.told())

    assert said == ["", "bo", "", "", "waiting for ada, 12 s", "ada", "", "", ""]


def test_before_the_first_result_it_is_said_when_torch_and_sandbox_must_have_started(
    clock: list[float],
) -> None:
    waiting = Waiting()
    clock[0] = 100.0
    waiting.give("ada")
    clock[0] = 103.0
    waiting.give("bo")

    clock[0] = 119.0
    early = waiting.told()
    clock[0] = 160.0
    late = waiting.told()

    assert (early, late) == ("", "waiting for ada, 60 s")


def test_whom_it_waits_for_cannot_move_the_terminal(clock: list[float]) -> None:
    waiting = Waiting()
    waiting.give("a\x1b[2J\n")
    clock[0] = 60.0

    assert "\x1b" not in waiting.told() and "\n" not in waiting.told()


# --- On a terminal --------------------------------------------------------------------------------

SHOWN = """
import time
from autograder.grading.regrade import Change
from autograder.grading.run import Step
from autograder.outputs.progress import ClassProgress
from tests.autograder.outputs.test_progress import took

with ClassProgress() as shown:
    for number in range(1, 41):
        time.sleep(0.01)
        shown.update(Step(number, 40, took(0.05, "a-student-with-a-long-name"), cached=False))
    shown.changes([Change("ada", 80, 85)])
print("the table")
"""


SILENT = """
import time
from autograder.grading.run import Step
from autograder.outputs import progress, waiting
from autograder.submission import Submission
from tests.autograder.outputs.test_progress import took

class Slow:
    def grade(self, submissions):
        for submission in submissions:
            time.sleep(0.5)
            yield submission, None

waiting._STARTING_SECONDS = 0.1
with progress.ClassProgress() as shown:
    shown.update(Step(1, 9, took(2.5, "a-student-with-a-long-name"), cached=False))
    list(shown.watched(Slow()).grade([Submission("kofi-of-a-long-name", ())]))
"""


def on_a_terminal(program: str = SHOWN, **variables: str) -> str:
    """What a terminal of 80 columns gets to see."""
    ours, theirs = pty.openpty()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI")},
        "TERM": "xterm-256color", "COLUMNS": "80", "LC_ALL": "C.UTF-8", **variables,
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=Path(__file__).parents[3],
        env=environment,
    ) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:  # how a terminal ends on Linux
                break
            said += read
            if not read:
                break
    os.close(ours)
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture(scope="module")
def terminal() -> str:
    return on_a_terminal()


def test_a_terminal_shows_a_bar_with_the_pace_beside_it(terminal: str) -> None:
    frames = [line for line in re.split(r"[\r\n]+", ESCAPES.sub("", terminal)) if "━" in line]

    assert frames[0].startswith("starting the sandbox ━")
    assert re.match(r"grading ━+ 40/40 \d+\.\d/s · slowest a-student-with-a", frames[-1])
    assert max(map(len, frames)) <= 80


def test_the_bar_names_whom_it_waits_for_though_nothing_comes() -> None:
    terminal = on_a_terminal(SILENT)

    waiting = r"grading ━+╸?╺?━+ 1/9 waiting for kofi-of-a-long-name, \d s"
    frames = [line for line in re.split(r"[\r\n]+", ESCAPES.sub("", terminal)) if "kofi" in line]
    assert re.match(waiting, frames[0])
    assert max(map(len, frames)) <= 80


def test_the_bar_is_gone_when_changes_and_the_table_are_printed(terminal: str) -> None:
    after = terminal.partition("ada 80 → 85")

    assert "\x1b[2K" in after[0].rpartition("━")[2], "the bar's line is erased"
    assert ESCAPES.sub("", after[2]).split() == ["the", "table"]


def test_no_color_leaves_the_bar_without_colours(terminal: str) -> None:
    plain = on_a_terminal(NO_COLOR="1")

    assert re.search(r"\x1b\[[0-9;]*3[0-9]", terminal)
    assert "━" in plain and not re.search(r"\x1b\[(?:[0-9;]*;)?[34][0-9]", plain)
