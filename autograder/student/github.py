"""``autograder check --github``: practice in a job of GitHub Actions.

Three things leave the job: its log, annotations, and the summary. The log of a job is read for
commands (lines that begin with two colons), so what is not ours stands in it between a command that
stops them and one, with a random word, that lets them go on; the annotations are ours.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import msgspec

from autograder import escape
from autograder.errors import AutograderError, OperatorError, StudentFailure
from autograder.messages import _
from autograder.student.failure import failure_text, students_frames
from autograder.student.practice import Tried
from autograder.student.released import find_released
from autograder.student.render import render
from autograder.student.result import result_of, write_result
from autograder.student.run import Run, check_isolated, forms_there, shown_run
from autograder.student.screen import Screen, write
from autograder.student.summary import summary, summary_without_run
from autograder.student.view import State, state_of
from autograder.submission import Form

MOST_OF_A_LEVEL = 10  # annotations; GitHub shows no more of a step
_LONGEST_MESSAGE = 1_000  # characters
_LEVELS = {State.FAILED: "error", State.ERRORED: "warning", State.NOT_BEGUN: "notice"}
_FRAME = re.compile(r'  File "([^"\n]*)", line (\d{1,7})\b')
_PROBLEM = re.compile(r"(.*?):(\d{1,7}): ")


class Place(msgspec.Struct, frozen=True):
    """Where in the student's file: a cell of it, and a line of that, as far as that is known."""

    cell: str = ""
    line: int = 0


class Annotation(msgspec.Struct, frozen=True):
    """What is said of a line of the student's file; not escaped."""

    level: str
    place: Place
    title: str
    message: str


def check_in_job(
    file: Path, log: TextIO, environment: Mapping[str, str], json: Path | None = None
) -> bool:
    """Whether all visible checks pass on the student's code, which is run in the sandbox.

    Args:
        file: The notebook or script, or its folder.
        log: The job's.
        environment: The job's, which names the file of the summary.
        json: Where to write the result, too.

    Raises:
        AutograderError: No check could be run, which the summary says, too.
        OperatorError: This is no job.
    """
    summary_file = environment.get("GITHUB_STEP_SUMMARY", "")
    if not summary_file:
        raise OperatorError(
            _(
                "--github: GITHUB_STEP_SUMMARY names no file\n"
                "  fix: leave --github out where this is no job of GitHub Actions"
            )
        )
    try:
        return _check(file, log, environment, json)
    except AutograderError as error:
        _append(Path(summary_file), summary_without_run(str(error)))
        raise
    except Exception as error:
        # Not as a traceback: its text may be the student's, and it would stand in the log as it is.
        said = f"{type(error).__name__}: {error}"
        _append(Path(summary_file), summary_without_run(said))
        raise OperatorError(
            _("the checker itself broke: {error}\n  fix: tell your instructor").format(error=said)
        ) from None


def _check(file: Path, log: TextIO, environment: Mapping[str, str], json: Path | None) -> bool:
    folder, released = find_released(file)
    run = check_isolated(folder, released, *forms_there(file, released))
    shown = shown_run(folder, released, run)
    made = summary(released, run)
    if json is not None:
        write_result(json, result_of(released, run))
    with commands_stopped(log):
        write(render(shown, Screen()), log, Screen())
    named = (file if file.is_dir() else file.parent) / run.form.file
    for annotation in annotations_on(run):
        log.write(as_command(annotation, _in_repository(named, environment), run.form))
    log.flush()
    _append(Path(environment["GITHUB_STEP_SUMMARY"]), made)
    return all(one.passed for one in run.tried)


@contextmanager
def commands_stopped(log: TextIO) -> Iterator[None]:
    """While this is open, the runner obeys nothing in ``log``."""
    word = secrets.token_hex(16)
    log.write(f"::stop-commands::{word}\n")
    try:
        yield
    finally:
        log.write(f"\n::{word}::\n")
        log.flush()


def annotations_on(run: Run) -> list[Annotation]:
    """What is to be said of lines of the file, as many of each level as are shown."""
    made: list[Annotation] = []
    for one in (*_of_problems(run), *(_of_check(tried, run.form) for tried in _failed(run))):
        if sum(other.level == one.level for other in made) < MOST_OF_A_LEVEL:
            made.append(one)
    return made


def as_command(annotation: Annotation, path: str, form: Form) -> str:
    """The line of the log that makes ``annotation`` on the file ``path``."""
    place, title = annotation.place, annotation.title
    properties = {"file": path}
    if form.file.endswith(".ipynb"):  # a line of it is one of JSON, which nobody knows
        if place.cell:
            title = _("{cell}, line {line}: {title}").format(
                cell=place.cell.strip("<>"), line=place.line, title=title
            )
    elif place.line:
        properties["line"] = str(place.line)
    properties["title"] = escape.one_line(title)
    message = escape.lines(annotation.message)
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + " …"
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{annotation.level} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _failed(run: Run) -> list[Tried]:
    return [one for one in run.tried if not one.passed]


def _of_problems(run: Run) -> Iterator[Annotation]:
    for problem in run.problems:
        found = _PROBLEM.match(problem)
        place = Place()
        if found:
            place = _known(found[1], int(found[2]), run.form)
        yield Annotation("error", place, _("did not run"), problem)


def _of_check(tried: Tried, form: Form) -> Annotation:
    hint = "\n" + _("hint: {hint}").format(hint=tried.hint) if tried.hint else ""
    return Annotation(
        _LEVELS[state_of(tried)],
        _place(tried, form),
        tried.check.info.title,
        f"{failure_text(tried)}{hint}",
    )


def _place(tried: Tried, form: Form) -> Place:
    """The line that raised; else where the function or class is defined that was asked."""
    error = tried.verdict.error
    if isinstance(error, StudentFailure) and error.detail:
        for name, line in reversed(_FRAME.findall(students_frames(error.detail))):
            if (place := _known(name, int(line), form)).line:
                return place
    defined = re.compile(rf"^(?:def|class)[ \t]+{re.escape(tried.function)}\b", re.MULTILINE)
    for cell in reversed(form.cells):  # the last one holds
        for found in reversed(list(defined.finditer(cell.source)) if tried.function else []):
            line = cell.first_line + cell.source.count("\n", 0, found.start())
            return Place(cell.name, line)
    return Place()


def _known(name: str, line: int, form: Form) -> Place:
    """That line, if there is one: the text it was read from may be the student's."""
    for cell in form.cells:
        if cell.name == name and 0 <= line - cell.first_line <= cell.source.count("\n"):
            return Place(name, line)
    return Place()


def _in_repository(path: Path, environment: Mapping[str, str]) -> str:
    root = Path(environment.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    path = path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise OperatorError(
            _("{path}: cannot be written: {why}\n  fix: look at GITHUB_STEP_SUMMARY").format(
                path=path, why=error.strerror
            )
        ) from error
