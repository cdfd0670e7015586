"""What has changed since a report was made, and so whether what was graded can be run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import torch

from autograder.errors import OperatorError
from autograder.grading.grade import recorded_seed
from autograder.grading.key import tests_sha256
from autograder.grading.secret import FILE_NAME, VARIABLE, fingerprint
from autograder.grading.stored import report_path
from autograder.messages import _
from autograder.report import Report
from autograder.spec import Course
from autograder.submission import Form, Submission


class _Difference(msgspec.Struct, frozen=True):
    """Something that is not as it was when the report was made."""

    what: str
    then: str
    now: str
    fix: str


def refuse_differences(
    course: Course, report: Report, secret: bytes | None, submission: Submission, output: Path
) -> None:
    """Refuse a replay that could not be of what was graded.

    Raises OperatorError, which names each difference, both values and what to do.
    """
    differences = list(_differences(course, report, secret, submission))
    if differences:
        listing = "".join(
            _("\n    {what}: was {then}, is {now}\n      fix: {fix}").format(
                what=one.what, then=one.then, now=one.now, fix=one.fix
            )
            for one in differences
        )
        raise OperatorError(
            _(
                "{path}: what was graded on {graded_at} cannot be run again, since these are not "
                "as they were:{listing}"
            ).format(
                path=report_path(output, report.student, report.assignment),
                graded_at=report.provenance.graded_at,
                listing=listing,
            )
        )


def _differences(
    course: Course, report: Report, secret: bytes | None, submission: Submission
) -> Iterator[_Difference]:
    recorded, student = report.provenance, report.student
    if (checks := tests_sha256(course, report.assignment)) != recorded.tests_sha256:
        yield _Difference(
            _("the checks (tests_sha256)"),
            recorded.tests_sha256,
            checks,
            _("check out the commit it was graded with (git log tests/), or grade again"),
        )
    if (version := str(torch.__version__)) != recorded.torch:
        yield _Difference(
            "torch",
            recorded.torch,
            version,
            _("use the environment it was graded in, or grade again"),
        )
    now = _("none") if secret is None else fingerprint(secret)
    if now != recorded.secret_fingerprint:
        yield _Difference(
            _("the course secret (its fingerprint)"),
            recorded.secret_fingerprint,
            now,
            _("put the one of then into {file} or {variable}, from your backup").format(
                file=course.root / FILE_NAME, variable=VARIABLE
            ),
        )
    elif secret is not None:
        # How seeds are made may change with the grader, and then other inputs would be drawn.
        seed = recorded_seed(secret, student, report.assignment)
        if seed != recorded.seed:
            yield _Difference(
                _("the seed"),
                recorded.seed,
                seed,
                _("use the grader it was graded with, {version}").format(
                    version=recorded.grader_version
                ),
            )
    if form_as_graded(report, submission) is None:
        file, sha256 = report.submission.file, report.submission.sha256
        there = [
            f"{form.file} sha256 {form.sha256}" for form in (*submission.forms, *submission.on_time)
        ]
        there += [text.partition("\n")[0] for text in submission.unreadable]
        yield _Difference(
            _("the submission"),
            f"{file} sha256 {sha256}",
            "; ".join(there),
            _(
                "put the file of then back into its folder; if another one was handed in since, "
                "grade that: autograder grade --student {student}"
            ).format(student=student),
        )


def other_circumstances(then: Report, now: Report) -> Iterator[str]:
    """What may make another outcome, and need not: inputs and expected values are the same."""
    before, after = then.provenance, now.provenance
    for what, old, new in (
        (_("the grader"), before.grader_version, after.grader_version),
        ("Python", before.python, after.python),
        (
            _("the sandbox's layers"),
            ", ".join(before.sandbox_layers),
            ", ".join(after.sandbox_layers),
        ),
    ):
        if old != new:
            yield _("{what}: was {then}, is {now}").format(what=what, then=old, now=new)


def form_as_graded(report: Report, submission: Submission) -> Form | None:
    """The one of the student's files whose bytes were graded."""
    version = submission.on_time if report.submission.on_time_version else submission.forms
    same = [form for form in version if form.sha256 == report.submission.sha256]
    return same[0] if same else None
