"""What a result depends on, as one key: where it is the same, nothing has to be graded again."""

from __future__ import annotations

import functools
import hashlib
import hmac
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from autograder.spec import AssignmentSpec, Course
from autograder.submission import Submission

_ENGINE = Path(__file__).parents[1]
# Parts of the engine that only read what was graded: they are free to change.
_AFTER_GRADING = frozenset(
    (
        "authoring",
        "gradebook",
        "nbgrader",
        "outputs",
        "student",
        "cli",
        "classroom",
        "command_language.py",
    )
)
_PACKAGES = ("torch", "numpy", "ipython", "pytest")  # what computes, what runs, and what judges


def setup_key(course: Course, spec: AssignmentSpec, secret: bytes) -> str:
    """A hash of all that a result depends on but the submission: 64 hexadecimal digits.

    Made with the course secret, so that nobody without it can make one. Imports neither torch nor
    pytest, since it is needed where nothing is graded.
    """
    parts: list[bytes] = [
        msgspec.json.encode(_without_what_is_made_anew(spec)),
        tests_sha256(course, spec.name).encode(),
        _engine_sha256().encode(),
        platform.python_version().encode(),
        *(f"{name} {_version(name)}".encode() for name in _PACKAGES),
    ]
    return hmac.digest(secret, b"setup" + _joined(parts), "sha256").hex()


def result_key(setup: str, submission: Submission) -> str:
    """The key of one submission's result: 64 hexadecimal digits.

    Of a submission it takes the student, whose inputs are drawn for them alone, and what runs: the
    cells of code. A picture or a text cell that changes makes no other result.
    """
    forms, on_time = (
        tuple(msgspec.structs.replace(form, sha256="") for form in version)
        for version in (submission.forms, submission.on_time)
    )
    graded = msgspec.structs.replace(submission, forms=forms, on_time=on_time)
    return hmac.digest(bytes.fromhex(setup), msgspec.json.encode(graded), "sha256").hex()


def tests_sha256(course: Course, assignment: str) -> str:
    """One hash over the names and bytes of all checks of the assignment, and what they import."""
    folders = (course.visible_checks(assignment), course.hidden_checks(assignment))
    return _sha256(course.root, (path for one in folders for path in sorted(one.glob("*.py"))))


def _without_what_is_made_anew(spec: AssignmentSpec) -> AssignmentSpec:
    """``spec`` without its late policy and titles: no report holds them, each run reads them.

    The language stays, in which messages are made; what the author's texts are in it does not.
    """
    exercises = tuple(msgspec.structs.replace(one, title="") for one in spec.exercises)
    return msgspec.structs.replace(spec, late=None, title="", exercises=exercises, texts={})


@functools.cache
def _engine_sha256() -> str:
    """Of every module that takes part in grading."""
    ours = (
        path
        for path in sorted(_ENGINE.rglob("*.py"))
        if path.relative_to(_ENGINE).parts[0] not in _AFTER_GRADING
    )
    return _sha256(_ENGINE, ours)


def _sha256(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(_joined([path.relative_to(root).as_posix().encode(), path.read_bytes()]))
    return digest.hexdigest()


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(8, "little") + part for part in parts)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
