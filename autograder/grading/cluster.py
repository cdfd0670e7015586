"""A class shared out to the workers of a Dask scheduler: the same unit of work, on other machines.

What goes out is a submission, what comes back is a report, both as bytes. Checks, solution and
secret stay where they are: each worker grades in a course of its own, the same as the one here.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.grading import frames, remote
from autograder.grading.exits import raise_what_it_said
from autograder.grading.scheduler import checked_address, security_for
from autograder.grading.secret import course_secret
from autograder.messages import _
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import Submission

if TYPE_CHECKING:
    from distributed import Client, Future

_AHEAD = 3  # submissions under way for each thread of the workers
_CONNECT_SECONDS = 10.0
_FIRST_WORKER_SECONDS = 30.0
_NO_WORKER_SECONDS = 60.0  # its nanny starts a lost one again within seconds
_LOOK_SECONDS = 1.0  # between two looks at who works
_CLOSE_SECONDS = 0.5


class Cluster:
    """The workers of the Dask scheduler at ``address``. Use as a context manager.

    Raises OperatorError, here and on the way in, where the extra ``cluster`` is missing, where
    somebody else on the network could read what is sent, and where workers would not grade as this
    machine does. ``tell`` is told at once that there is no worker and how long one is waited for.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        address: str,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._address = checked_address(address)
        self._security = security_for(self._address)
        self._assignment = assignment
        course_secret(course.root)  # made on first use, as wherever a class is graded
        self._language = course.students_language
        self._setup = remote.setup_of(course, assignment, self._language)
        self._tell = tell
        self._threads = 0
        self._looked = float("-inf")  # monotonic: when we last saw who works
        self._worked = time.monotonic()  # monotonic: when there last was anybody
        self._told = False  # that there is nobody

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._client = self._connect()
            stack.callback(self._close)
            try:
                self._refuse_other_setups()
            except OSError as error:
                raise self._failed(error) from error
            stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def grade(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, Report | None]]:
        """As `Graders` says."""
        waiting: Iterator[Submission] | None = iter(submissions)
        under_way: dict[str, tuple[Submission, Future[bytes]]] = {}
        thread = self._client.loop
        assert thread is not None, "left already"
        came: queue.SimpleQueue[tuple[str, bytes | BaseException]] = queue.SimpleQueue()

        async def fetch(key: str, future: Future[bytes]) -> None:
            try:
                came.put((key, await future))
            except BaseException as error:  # to be raised where somebody waits, not in this thread
                came.put((key, error))

        while True:
            self._look()
            while waiting and len(under_way) < _AHEAD * self._threads:
                submission = next(waiting, None)
                if submission is None:
                    waiting = None
                    break
                key, future = self._submit(submission)
                under_way[key] = submission, future
                thread.add_callback(fetch, key, future)
            if not waiting and not under_way:
                return
            try:
                key, answer = came.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            submission, _future = under_way.pop(key)  # then nothing of it stays on the cluster
            yield submission, self._report(answer)

    def _submit(self, submission: Submission) -> tuple[str, Future[bytes]]:
        """Its key, which names no student since Dask's dashboard shows it, and the future."""
        key = f"grade-{uuid.uuid4().hex}"
        data = frames.encode(submission)
        future: Future[bytes] = self._client.submit(
            remote.grade, self._assignment, self._language, self._setup.key, data, key=key
        )
        return key, future

    def _report(self, answer: bytes | BaseException) -> Report | None:
        """The report in an answer; None where one after the other worker ended under it."""
        from distributed import KilledWorker

        if isinstance(answer, KilledWorker):
            return None
        if isinstance(answer, BaseException):
            raise self._failed(answer) from answer
        read = msgspec.msgpack.decode(answer, type=remote.Answer)
        raise_what_it_said(read.code, read.said)
        return read.report

    def _connect(self) -> Client:
        from distributed import Client

        for name in ("distributed", "distributed.client"):  # tracebacks of what we say ourselves
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            return Client(
                self._address,
                security=self._security,
                timeout=_CONNECT_SECONDS,
                set_as_default=False,
            )
        except (OSError, TypeError, ValueError) as error:  # TypeError: of what makes no certificate
            raise OperatorError(
                _(
                    "{address}: no scheduler answers: {why}\n"
                    "  fix: start it, as docs/more-than-one-machine.md says, or correct the address"
                ).format(address=self._address, why=error)
            ) from error

    def _close(self) -> None:
        """Leave; the scheduler drops whatever nobody waits for any more."""
        with contextlib.suppress(TimeoutError):  # the scheduler may be gone
            self._client.close(timeout=_CLOSE_SECONDS)

    def _workers(self) -> dict[str, Any]:
        """The workers by address. Raises OperatorError where others could listen to one of them."""
        info = self._client.scheduler_info(n_workers=-1)
        workers: dict[str, Any] = info["workers"]
        for address in (info["address"], *workers):
            checked_address(address)
        return workers

    def _look(self) -> None:
        """See, now and then, how many threads there are; raise where there is none for long."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        try:
            workers = self._workers()
        except OSError as error:
            raise self._failed(error) from error
        self._looked = now
        self._threads = sum(worker["nthreads"] for worker in workers.values())
        if self._threads:
            self._worked, self._told = now, False
        elif not self._told:
            self._tell_no_worker(max(0.0, _NO_WORKER_SECONDS - (now - self._worked)))
        elif now - self._worked > _NO_WORKER_SECONDS:
            raise self._no_worker()

    def _refuse_other_setups(self) -> None:
        """Raise OperatorError unless every worker would grade as this machine does."""
        if not self._workers():
            self._tell_no_worker(_FIRST_WORKER_SECONDS)
        try:
            self._client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
        except TimeoutError as error:
            raise self._no_worker() from error
        workers = self._workers()
        told = self._client.run(
            remote.setup,
            self._assignment,
            self._language,
            workers=list(workers),
            on_error="return",
        )
        others = [
            f"  {workers[address]['name']}, {differs}"
            for address, answer in told.items()
            if (differs := _differs(self._setup, answer))
        ]
        if others:
            raise OperatorError(
                _(
                    "these workers would not grade as this machine does:\n{workers}\n"
                    "  fix: give them the same course, environment and course secret (git pull; "
                    "make setup), then start them again"
                ).format(workers="\n".join(others))
            )

    def _failed(self, error: BaseException) -> OperatorError:
        return OperatorError(
            _(
                "{address}: the scheduler or a worker failed: {why}\n"
                "  fix: see what they print; what is graded is kept, and the same command goes on "
                "from there"
            ).format(address=self._address, why=_one_line(error))
        )

    def _tell_no_worker(self, seconds: float) -> None:
        self._told = True
        self._tell(
            _("{address}: there is no worker; {seconds:.0f} s are left to {start}").format(
                address=self._address, seconds=seconds, start=self._how_to_start()
            )
        )

    def _no_worker(self) -> OperatorError:
        return OperatorError(
            _(
                "{address}: there is no worker\n  fix: {start}; then run the same command again"
            ).format(address=self._address, start=self._how_to_start())
        )

    def _how_to_start(self) -> str:
        # On this machine alone, or it is refused: a worker listens to the network by itself.
        host = "--host 127.0.0.1 " if self._address.startswith("tcp:") else ""
        return _(
            "start one in a course like this: cd COURSE && dask worker {address} {host}--nthreads "
            "1 --memory-limit 0 --no-dashboard"
        ).format(address=self._address, host=host)


def _one_line(error: BaseException) -> str:
    return escape.one_line(f"{type(error).__name__}: {error}")


def _differs(here: remote.Setup, answer: bytes | Exception) -> str:
    """Where and in what a worker's setup differs from the one here; nothing where it does not."""
    if isinstance(answer, Exception):
        return _("failed: {why}").format(why=_one_line(answer))
    there = msgspec.msgpack.decode(answer, type=remote.Setup)
    if there.key == here.key and not there.trouble:
        return ""
    if there.trouble:
        return f"{there.where}: {there.trouble.partition(chr(10))[0]}"
    parts = {
        _("checks"): (here.checks, there.checks),
        _("course secret"): (here.secret, there.secret),
        _("grader"): (here.grader, there.grader),
        _("Python"): (here.python, there.python),
        "torch": (here.torch, there.torch),
    }
    differ = [
        _("{part} {there}, here {here}").format(part=part, there=theirs, here=ours)
        for part, (ours, theirs) in parts.items()
        if ours != theirs
    ] or [_("another assignment.toml, or another state of the grader")]
    return f"{there.where}: {'; '.join(differ)}"
