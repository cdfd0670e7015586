"""What every submission of one run is graded with, put together from a course."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder import __version__
from autograder.grading.grade import Bench
from autograder.grading.key import tests_sha256
from autograder.grading.naming import recogniser
from autograder.grading.secret import FILE_NAME, fingerprint
from autograder.grading.session import Runner, run_session
from autograder.misconceptions import read_misconceptions
from autograder.report import Provenance
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, Course

_COLLECTED_AFTER = 50_000  # new containers; some ten submissions make as many


def with_bench(
    course: Course, spec: AssignmentSpec, secret: bytes, body: Callable[[Bench], None]
) -> None:
    """Call ``body`` once with all that a submission is graded with.

    Raises:
        AuthorError: The checks or the misconceptions are wrong.
        SandboxError: Student code cannot be isolated here.
    """

    def with_runner(runner: Runner) -> None:
        with Sandbox(spec, hidden_files(course, spec.name)) as sandbox:
            bench = make_bench(course, spec, runner, sandbox, secret)
            with _rarely_collected():
                body(bench)

    visible, hidden = course.visible_checks(spec.name), course.hidden_checks(spec.name)
    run_session(visible, hidden, spec, with_runner)


@contextlib.contextmanager
def _rarely_collected() -> Iterator[None]:
    """The collector walks neither torch and pytest again, nor each submission many times."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def make_bench(
    course: Course, spec: AssignmentSpec, runner: Runner, sandbox: Sandbox, secret: bytes
) -> Bench:
    """The bench of one run. Raises AuthorError where the misconceptions cannot be read."""
    known = read_misconceptions(course.hidden_checks(spec.name), spec)
    provenance = Provenance(
        grader_version=__version__,
        tests_sha256=tests_sha256(course, spec.name),
        secret_fingerprint=fingerprint(secret),
        seed="",
        torch=str(sandbox.facts["torch"]),
        python=str(sandbox.facts["python"]),
        sandbox_layers=sandbox.layers,
        graded_at="",
    )
    return Bench(spec, runner, sandbox, secret, provenance, recogniser(known, runner, spec))


def hidden_files(course: Course, assignment: str) -> list[Path]:
    """Samples of what no student code may read: hidden checks, the solution, the secret.

    Only files of the course's own: a student's may be a link to anywhere.
    """
    hidden = sorted(course.hidden_checks(assignment).glob("*.py"))
    return [*hidden[:2], course.source(assignment), course.root / FILE_NAME]
