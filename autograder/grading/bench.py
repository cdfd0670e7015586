"""What every submission of one run is graded with, put together from a course."""

from __future__ import annotations

import hashlib

from autograder import __version__
from autograder.grading.grade import Bench
from autograder.grading.naming import recogniser
from autograder.grading.secret import fingerprint
from autograder.grading.session import Runner
from autograder.misconceptions import read_misconceptions
from autograder.report import Provenance
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, Course


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


def tests_sha256(course: Course, assignment: str) -> str:
    """One hash over the names and bytes of all checks of the assignment, and what they import."""
    digest = hashlib.sha256()
    for folder in (course.visible_checks(assignment), course.hidden_checks(assignment)):
        for path in sorted(folder.glob("*.py")):
            for part in (path.relative_to(course.root).as_posix().encode(), path.read_bytes()):
                digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
