"""A class shared out to processes on this machine, each with a sandbox of its own."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from autograder.errors import OperatorError
from autograder.grading import frames
from autograder.grading.exits import raise_what_it_said
from autograder.messages import VARIABLE, _
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import Submission

FOLDER = "autograder-class-"  # how the name of the temporary folder begins that they share
_AHEAD = 2  # submissions a process has at once: one that it grades, and the next
_DEATHS = 3  # of the process under one submission, until that is given up
_END_SECONDS = 0.7  # to leave in order, until it is killed


class Graders(Protocol):
    """Whatever grades submissions."""

    def grade(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, Report | None]]:
        """Each of ``submissions`` with its report, in the order in which they are done.

        The report is None where grading that one ended the process again and again. Submissions
        are taken one after the other, as they can be graded.

        Raises:
            AuthorError: The assignment or its checks are wrong.
            SandboxError: Student code cannot be isolated.
            OperatorError: No process can be had.
        """
        ...


class OtherSetupError(OperatorError):
    """A grading process has other checks, another grader or secret than was asked for."""


class Workers:
    """Up to ``jobs`` grading processes, started as they are needed. Use as a context manager.

    Where ``setup`` is given, a process with another `setup_key` is refused: OtherSetupError. For
    ``expected`` submissions processes are started at once, ready by the time these come. What they
    say to students they say in ``language``, by default the course's.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        jobs: int,
        setup: str | None = None,
        expected: int = 0,
        language: str | None = None,
    ) -> None:
        self._language = language or course.students_language
        self._command = [sys.executable, "-P", "-m", "autograder.grading.worker"]
        self._command += [str(course.root), assignment]
        self._jobs = jobs
        self._setup = setup
        self._expected = expected
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()
        self._folder: Path | None = None
        self._again: deque[Submission] = deque()
        self._deaths: dict[str, int] = {}  # by student
        self._failed_starts = 0

    def __enter__(self) -> Self:
        try:
            for _one in range(min(self._jobs, self._expected)):
                self._start()
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()
        deadline = time.monotonic() + _END_SECONDS
        for worker in self._workers:
            worker.end(deadline)
        self._workers.clear()
        self._selector.close()
        if self._folder is not None:
            # A killed one may have left something.
            with contextlib.suppress(OSError, RecursionError):
                shutil.rmtree(self._folder)

    def grade(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, Report | None]]:
        """As `Graders` says."""
        waiting = iter(submissions)
        while True:
            self._hand_out(waiting)
            if not any(worker.has for worker in self._workers):
                return
            for key, _events in self._selector.select():
                worker: _Worker = key.data
                said = worker.receive()
                if said is None:
                    yield from self._lost(worker)
                elif said.report is not None:
                    yield worker.has.popleft(), said.report
                elif self._setup not in (None, said.setup):
                    raise OtherSetupError(
                        _(
                            "the checks, the grader or the secret changed since the run began\n"
                            "  fix: run the same command again"
                        )
                    )

    def _hand_out(self, waiting: Iterator[Submission]) -> None:
        """One to each process, and only then the next one to each."""
        for ahead in range(1, _AHEAD + 1):
            for number in range(self._jobs):
                if number < len(self._workers) and len(self._workers[number].has) >= ahead:
                    continue
                submission = self._again.popleft() if self._again else next(waiting, None)
                if submission is None:
                    return
                if number == len(self._workers):
                    self._start()
                self._workers[number].give(submission)

    def _start(self) -> None:
        if self._folder is None:  # not before: killed until now, we leave nothing
            self._folder = Path(tempfile.mkdtemp(prefix=FOLDER))
            self._folder.chmod(0o711)  # the sandboxes' own folders are in it, one of another uid's
        worker = _Worker(self._command, self._folder, self._free_core(), self._language)
        self._workers.append(worker)
        self._selector.register(worker.reports, selectors.EVENT_READ, worker)

    def _free_core(self) -> int | None:
        """The core for the next process, where there are several.

        It and its children take turns, so they lose nothing by sharing one, and a fifth of the time
        by waking each other up on another.
        """
        if self._jobs == 1:
            return None
        taken = [worker.core for worker in self._workers]
        return min(sorted(os.sched_getaffinity(0)), key=taken.count)

    def _lost(self, worker: _Worker) -> Iterator[tuple[Submission, Report | None]]:
        """A process ended: raise what it said, or see that another does what it had."""
        self._selector.unregister(worker.reports)
        self._workers.remove(worker)
        worker.end(time.monotonic() + _END_SECONDS)
        raise_what_it_said(worker.code, worker.said())
        if not worker.ready:
            self._failed_starts += 1
        if not worker.ready and (self._failed_starts >= _DEATHS or (worker.code or 0) > 0):
            raise OperatorError(
                _(
                    "a grading process ended while it started ({code})\n{said}\n"
                    "  fix: run the command again; with less memory free, take fewer --jobs"
                ).format(code=worker.code, said=worker.said().strip())
            )
        if worker.has and worker.ready:
            suspect = worker.has[0]
            self._deaths[suspect.student] = self._deaths.get(suspect.student, 0) + 1
            if self._deaths[suspect.student] >= _DEATHS:
                yield worker.has.popleft(), None
        self._again.extend(worker.has)


class _Worker:
    """One grading process, and what it has been given and not yet answered."""

    def __init__(self, command: list[str], folder: Path, core: int | None, language: str) -> None:
        self.has: deque[Submission] = deque()
        self.core = core
        self.ready = False
        self.code: int | None = None
        # Its own file, without a name: a pipe that nobody reads would fill and stop it.
        self._log = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed at its end
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
            env={**os.environ, **threads, "TMPDIR": str(folder), VARIABLE: language},
            start_new_session=True,  # keys pressed at the terminal reach us alone; we tell it
        )
        if core is not None:
            with contextlib.suppress(OSError):  # not everywhere may it be chosen
                os.sched_setaffinity(self._process.pid, {core})
        assert self._process.stdin is not None and self._process.stdout is not None
        self._submissions, self.reports = self._process.stdin, self._process.stdout

    def give(self, submission: Submission) -> None:
        """One more to grade; that it has ended already shows where its answer is read."""
        self.has.append(submission)
        with contextlib.suppress(OSError):
            frames.send(self._submissions.fileno(), submission)

    def receive(self) -> frames.Said | None:
        """What it says next; None where it has ended."""
        said = frames.receive_said(self.reports.fileno())
        self.ready = self.ready or said is not None
        return said

    def said(self) -> str:
        """What it wrote on standard error."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        """Tell it to end."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                self._submissions.close()

    def end(self, deadline: float) -> None:
        """Wait for its end until ``deadline``, then kill it."""
        self.stop()
        try:
            self.code = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.code = self._process.wait()
        for pipe in (self._submissions, self.reports):
            with contextlib.suppress(OSError):
                pipe.close()
