"""One grading process: reads submissions, grades each in its sandbox, writes reports.

Started by `workers.Workers`, as ``python -P -m autograder.grading.worker COURSE ASSIGNMENT``. It
ends when its standard input does, also in the middle of a submission: whoever asked is gone.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import select
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import escape
from autograder.errors import AutograderError
from autograder.grading import frames
from autograder.grading.exits import exit_code
from autograder.grading.key import setup_key
from autograder.grading.secret import course_secret
from autograder.grading.workers import FOLDER
from autograder.spec import find_course
from autograder.submission import Submission

if TYPE_CHECKING:
    from autograder.grading.grade import Bench


def main(root: str, assignment: str) -> int:
    """The exit code; an error stands on standard error."""
    course = find_course(Path(root))
    reports = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a check prints is no report
    # What is imported stays. The collector looks neither through it again and again meanwhile, a
    # fifth of the time that takes, nor ever after.
    gc.disable()
    from autograder.grading.bench import with_bench
    from autograder.grading.grade import grade_one

    gc.freeze()
    gc.enable()

    def grade_all(bench: Bench) -> None:
        submissions = _submissions()
        try:
            frames.send(reports, frames.Said(setup=setup))
            while (submission := submissions.get()) is not None:
                frames.send(reports, frames.Said(grade_one(submission, bench)))
        except BrokenPipeError:
            pass  # whoever asked is gone
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # we leave; nothing cuts that short

    try:
        spec, secret = course.assignment(assignment), course_secret(course.root)
        setup = setup_key(course, spec, secret)  # of the files that are loaded now
        with_bench(course, spec, secret, grade_all)
    except AutograderError as error:
        print(escape.lines(str(error)), file=sys.stderr)
        return exit_code(error)
    return 0


def _submissions() -> queue.SimpleQueue[Submission | None]:
    """What comes in, read ahead by a thread, which at the end of it ends the process, too."""
    waiting: queue.SimpleQueue[Submission | None] = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(OSError):
            while (submission := frames.receive_submission(sys.stdin.fileno())) is not None:
                waiting.put(submission)
        waiting.put(None)
        os.kill(os.getpid(), signal.SIGTERM)  # it may be in the middle of one, for minutes

    threading.Thread(target=read, daemon=True).start()
    return waiting


def _leave_nothing() -> None:
    """Where who asked is gone: remove the folder that all it asked share, as the last of them can.

    That it is somebody else's child by now would be no sign: its pipes are closed before that.
    """
    folder = Path(tempfile.gettempdir())
    if folder.name.startswith(FOLDER) and _nobody_asks():
        with contextlib.suppress(OSError):
            folder.rmdir()


def _nobody_asks() -> bool:
    """Whether standard input has ended; what is still in it is lost."""
    while select.select([sys.stdin], [], [], 0)[0]:
        if not os.read(sys.stdin.fileno(), 2**16):
            return True
    return False


def _stop(number: int, frame: object) -> None:
    """Leave by way of every ``with``, once: sandboxes are ended and what they left is removed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGTERM)
    finally:
        _leave_nothing()
