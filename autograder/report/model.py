"""The report: what one submission earned, check by check, and how that was found out."""

from __future__ import annotations

import enum
from typing import Literal

import msgspec


class Outcome(enum.Enum):
    """Three values, because "we broke" must never look like "the student failed"."""

    PASSED = "passed"
    FAILED = "failed"  # the answer is wrong, slow, raised, or of a kind we refuse to read
    ERRORED = "errored"  # our side broke; flagged for the instructor, never a zero


class Visibility(enum.Enum):
    """Whether students get the check's source."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


class Grid(msgspec.Struct, frozen=True):
    """A tensor's numbers for drawing: a corner of it, the leading dimensions below each other.

    ``rows`` holds "nan", "inf" and "-inf" where JSON has no number.
    """

    shape: tuple[int, ...]  # of the whole tensor
    rows: tuple[tuple[float | str, ...], ...]


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """What a visible check was about, where an answer differs from the expected one."""

    what: str  # is compared: "the result"
    expected: Grid
    got: Grid
    tolerance: float = 0.0  # numbers no further apart are right
    function: str = ""  # that was asked last
    inputs: tuple[Grid, ...] = ()  # its tensor arguments


class Descent(msgspec.Struct, frozen=True, kw_only=True):
    """Two weights on their way down a loss that is a bowl: the right way, and one beside it.

    Each has as many losses as steps, every loss from before its step, and one more place than
    steps. Numbers that are none are written as in a `Grid`.
    """

    right_losses: tuple[float | str, ...]
    losses: tuple[float | str, ...]
    right_path: tuple[tuple[float | str, float | str], ...]
    path: tuple[tuple[float | str, float | str], ...]
    lowest: tuple[float, float]  # the place where the loss is 0
    curvature: tuple[tuple[float, float], tuple[float, float]]  # second derivatives of the loss


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check's outcome. ``message`` is student-safe, ``detail`` is the instructor's."""

    name: str
    title: str
    visibility: Visibility
    outcome: Outcome
    score: int | None  # points; None exactly when errored and not void
    max_score: int  # points
    message: str = ""
    detail: str = ""
    hint: str = ""
    misconception: str | None = None  # the name of one of the report's misconceptions
    carried_forward: bool = False
    void: bool = False  # found wrong: full points, whatever the outcome
    failure: str = ""  # why no usable answer came, a value of errors.FailureKind
    # Of a hidden check only where assignment.toml lets it be shown after the due date.
    drawing: Drawing | None = None
    after_due: str = ""  # a hidden check's own message, where that may be shown then


class MisconceptionText(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a misconception that checks of this report name."""

    name: str
    to_student: str
    to_instructor: str
    read_on: str
    drawing: Drawing | None = None  # what the mistake makes of an example that everybody knows
    descent: Descent | None = None


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One graded part: the sum of its checks, or None when one of them errored."""

    name: str
    score: int | None
    max_score: int
    checks: tuple[CheckResult, ...]


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something worth saying that costs no points."""

    text: str
    audience: Literal["student", "instructor"] = "student"


class SubmittedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file that was graded; the bytes hashed are the bytes graded."""

    file: str | None
    sha256: str | None
    submitted_at: str | None = None  # ISO 8601 with offset
    submitted_at_source: str | None = None
    late_seconds: int = 0
    on_time_version: bool = False  # handed in before a later one; see Report.other_version


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """With what, and behind which walls, the submission was graded."""

    grader_version: str
    tests_sha256: str
    secret_fingerprint: str
    seed: str
    torch: str
    python: str
    sandbox_layers: tuple[str, ...]
    graded_at: str  # ISO 8601, UTC
    result_key: str = ""  # of all that the result depends on; where it is the same, nothing is new


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The automatic result of one submission."""

    schema: Literal["autograder/report/v1"] = "autograder/report/v1"
    assignment: str
    student: str
    score: int | None
    max_score: int
    submission: SubmittedFile
    late_penalty: float = 0.0  # points
    exercises: tuple[ExerciseResult, ...]
    misconceptions: tuple[MisconceptionText, ...] = ()
    remarks: tuple[Remark, ...] = ()
    duration_seconds: float
    provenance: Provenance
    other_version: Report | None = None  # of who handed in on time and late: what counts for less


def encode_report(report: Report) -> bytes:
    """``report`` as indented UTF-8 JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def decode_report(data: bytes) -> Report:
    """The report in ``data``. Raises msgspec.ValidationError when it is not one."""
    return msgspec.json.decode(data, type=Report)
