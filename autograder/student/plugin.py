"""Plain ``pytest`` in a released folder: the same fixtures and the same words as the checker."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from autograder import escape
from autograder.checks import Draw, Student, check_info
from autograder.checks.asserts import said, say
from autograder.errors import AutograderError, StudentFailure
from autograder.messages import _
from autograder.student.failure import students_frames
from autograder.student.local import LocalStudent
from autograder.student.practice import DRAW_SEED
from autograder.student.released import Released, find_released, students_form
from autograder.student.view import hidden_note

_LOADED = pytest.StashKey[tuple[Released, LocalStudent, str, str]]()


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's code, loaded once for the whole run."""
    _released, connection, _file, _about = _loaded(request.config)
    connection.begin_check()
    return Student(connection)


@pytest.fixture
def draw() -> Draw:
    """The inputs of visible checks, the same for everybody."""
    return Draw(DRAW_SEED)


def _loaded(config: pytest.Config) -> tuple[Released, LocalStudent, str, str]:
    if _LOADED not in config.stash:
        try:
            folder, released = find_released(Path.cwd())
            form, about = students_form(folder, released)
            say.set(released.spec.say)
            connection = LocalStudent(released.spec)
            connection.load(form)
        except AutograderError as error:
            pytest.exit(escape.lines(error), 2)
        config.stash[_LOADED] = (released, connection, form.file, about)
    return config.stash[_LOADED]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed check tells what went wrong and the hint, and not how the checker is built."""
    report = yield
    info = check_info(getattr(item, "function", lambda: None))
    if call.excinfo is not None and info is not None and call.when == "call":
        error = call.excinfo.value
        if isinstance(error, AssertionError | StudentFailure):
            detail = students_frames(getattr(error, "detail", ""))
            told, *rest = str(error).split("\n")
            text = "\n".join((said(told), *rest, detail)).rstrip()
            hint = _("hint: {hint}").format(hint=said(info.hint))
            report.longrepr = escape.lines(f"{text}\n{hint}")
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What these checks can and cannot tell."""
    if _LOADED not in config.stash:
        return
    released, connection, file, about = config.stash[_LOADED]
    terminalreporter.section(escape.one_line(file))
    if about:
        terminalreporter.line(escape.one_line(about))
    for text in connection.problems[:3]:
        terminalreporter.line(_("did not run: {text}").format(text=escape.lines(text)))
    terminalreporter.line(
        _("at most {most} of {all} points shown here").format(
            most=released.visible_points, all=released.spec.points
        )
    )
    terminalreporter.line(hidden_note(released))
