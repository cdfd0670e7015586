"""What a Dask worker does for `cluster.Cluster`: one submission in, what came of it out, as bytes.

It grades in the course that the Dask worker was started in, with grading processes like those of
`workers.Workers`, which are kept as long as it runs: one for each of its threads, never shared.
"""

from __future__ import annotations

import contextlib
import platform
import socket
import threading
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import util
from pathlib import Path

import msgspec

from autograder import __version__
from autograder.errors import AutograderError, OperatorError
from autograder.grading import frames
from autograder.grading.exits import exit_code
from autograder.grading.key import setup_key, tests_sha256
from autograder.grading.secret import FILE_NAME, VARIABLE, existing_secret, fingerprint
from autograder.grading.workers import Workers
from autograder.messages import _
from autograder.report import Report
from autograder.spec import Course
from autograder.trusted import trusted_course


class Answer(msgspec.Struct, frozen=True):
    """What came of one submission: a report, or an error of ours; neither where it was given up."""

    report: Report | None = None
    code: int | None = None  # the kind of the error, as `exits` has it
    said: str = ""  # the text of the error, and where it happened


class Setup(msgspec.Struct, frozen=True):
    """What a machine grades with: a key of all of it, and parts of it that a person can compare."""

    key: str = ""
    where: str = ""  # machine and folder
    checks: str = ""
    secret: str = ""  # its fingerprint
    grader: str = ""
    python: str = ""
    torch: str = ""
    trouble: str = ""  # why it cannot grade at all


def grade(assignment: str, language: str, key: str, submission: bytes) -> bytes:
    """The encoded `Answer` on an encoded `Submission`; an error where the setup is not ``key``.

    ``language`` is the one that the students of the class read.
    """
    try:
        with _processes.one(assignment, language, key) as process:
            [(_same, report)] = process.grade([frames.decode_submission(submission)])
            if report is None:
                raise _GivenUpError
        answer = Answer(report)
    except _GivenUpError:
        answer = Answer()
    except AutograderError as error:
        answer = Answer(code=exit_code(error), said=f"{_where()}: {error}")
    return frames.encode(answer)


def setup(assignment: str, language: str) -> bytes:
    """The encoded `Setup` of this Dask worker."""
    try:
        return frames.encode(setup_of(_course(), assignment, language))
    except AutograderError as error:
        return frames.encode(Setup(where=_where(), trouble=str(error)))


def setup_of(course: Course, assignment: str, language: str) -> Setup:
    """What ``course`` grades ``assignment`` with on this machine. Raises OperatorError."""
    secret = existing_secret(course.root)
    if secret is None:  # a new one would draw other inputs, so none is made
        raise OperatorError(
            _(
                "the course secret is not there\n  fix: put it into {variable}, or into {file}"
            ).format(variable=VARIABLE, file=course.root / FILE_NAME)
        )
    try:
        torch = version("torch")
    except PackageNotFoundError as error:
        raise OperatorError(_("torch is not installed\n  fix: make setup")) from error
    return Setup(
        key=setup_key(course, course.assignment(assignment, language), secret),
        where=_where(),
        checks=tests_sha256(course, assignment)[:16],
        secret=fingerprint(secret),
        grader=__version__,
        python=platform.python_version(),
        torch=torch,
    )


def _where() -> str:
    return f"{socket.gethostname()}:{Path.cwd()}"


def _course() -> Course:
    return trusted_course(Path.cwd())


class _GivenUpError(Exception):
    """Grading one submission ended the grading process again and again."""


class _Processes:
    """The grading processes of this Dask worker that nobody uses at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[tuple[str, str, str], Workers]] = []
        self._to_end: util.Finalize | None = None

    @contextlib.contextmanager
    def one(self, assignment: str, language: str, key: str) -> Iterator[Workers]:
        """A process for the caller alone; kept after that, unless anything went wrong."""
        wanted = (assignment, language, key)
        process = self._take(wanted)
        try:
            if process is None:
                process = self._start(*wanted)
            yield process
        except BaseException:
            if process is not None:
                process.__exit__(None, None, None)
            raise
        with self._lock:
            self._idle.append((wanted, process))

    def _take(self, wanted: tuple[str, str, str]) -> Workers | None:
        """An idle one of this kind. Else one of another kind ends: there are never more than
        threads, and what the last class was graded with may be out of date."""
        with self._lock:
            kinds = [kind for kind, _process in self._idle]
            if not kinds:
                return None
            kind, process = self._idle.pop(kinds.index(wanted) if wanted in kinds else 0)
        if kind == wanted:
            return process
        process.__exit__(None, None, None)
        return None

    def _start(self, assignment: str, language: str, key: str) -> Workers:
        course = _course()
        if setup_of(course, assignment, language).key != key:
            raise OperatorError(
                _(
                    "the checks, the grader or the secret are others than where the class is "
                    "graded from\n  fix: make them the same, start this worker again, and run the "
                    "same command again"
                )
            )
        process = Workers(course, assignment, jobs=1, setup=key, language=language).__enter__()
        with self._lock:
            if self._to_end is None:
                # Where Dask starts its worker through multiprocessing, atexit is not called.
                self._to_end = util.Finalize(None, self._end, exitpriority=1)
        return process

    def _end(self) -> None:
        with self._lock:
            processes = [process for _kind, process in self._idle]
            self._idle.clear()
        for process in processes:
            process.__exit__(None, None, None)


# The one thing kept from task to task: torch is loaded and the sandbox proved once, not each time.
_processes = _Processes()
