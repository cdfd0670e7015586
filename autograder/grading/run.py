"""One class on its way: what is graded already, what waits, what goes into the gradebook next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder import __version__
from autograder.grading.key import result_key, setup_key, tests_sha256
from autograder.grading.late import Deadline, the_better, versions, with_lateness
from autograder.grading.regrade import Change, Changes, is_regrade, settle
from autograder.grading.secret import course_secret, fingerprint
from autograder.grading.shard import Shard
from autograder.grading.stored import (
    UnreadableReportError,
    drop_pending,
    read_pending,
    read_report,
    set_aside,
    settle_pending,
    write_pending,
    write_report,
)
from autograder.grading.workers import Graders
from autograder.messages import _, in_language
from autograder.report import ExerciseResult, Outcome, Provenance, Remark, Report, SubmittedFile
from autograder.spec import Course
from autograder.submission import Form, Submission, as_form, on_time_folder, read_submission
from autograder.submission.handed_in import HandedIn, handed_in

_BATCH = 50  # reports that go into the gradebook together


class Step(msgspec.Struct, frozen=True):
    """One more submission is done."""

    done: int
    total: int
    report: Report  # what stands of it
    cached: bool  # nothing had to be graded
    # Whether other files were handed in since the report from before; None where there was none.
    resubmitted: bool | None = None


# Puts reports into the gradebook; of those who had a report on a file the mapping says whether they
# have handed in other files since.
Write = Callable[[Sequence[Report], Mapping[str, bool]], None]


class Options(msgspec.Struct, frozen=True):
    """What of a class is graded, and what then counts."""

    students: tuple[str, ...] = ()  # only these; all where none is named
    shard: Shard | None = None
    force: bool = False  # also what has a result already
    allow_lower: bool = False  # a regrade may lower a score
    after_due: bool = False  # pages show what assignment.toml allows of hidden checks
    deadline: Callable[[str], Deadline] = lambda student: Deadline()


class Run:
    """One class on its way: what is graded, what waits, what goes into the gradebook next."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        folder: Path,
        output: Path,
        options: Options,
        total: int,
        write: Write,
        progress: Callable[[Step], None],
    ) -> None:
        self._spec = course.assignment(assignment)
        self._late = course.late_policy(self._spec)
        self._folder = folder
        self._output = output
        self._options = options
        self._total = total
        self._write = write
        self._progress = progress
        self._released = released_forms(course, assignment)
        self._languages = course.spec.languages
        self._other_assignments = [name for name in course.assignments() if name != assignment]
        secret = course_secret(course.root)
        self._setup = setup_key(course, self._spec, secret)
        self._not_run = Provenance(
            grader_version=__version__,
            tests_sha256=tests_sha256(course, assignment),
            secret_fingerprint=fingerprint(secret),
            seed="",
            torch="",
            python="",
            sandbox_layers=(),
            graded_at="",
        )
        self._batch: list[Report] = []
        self._resubmitted: dict[str, bool] = {}
        self._before: dict[str, Report] = {}  # of those that are being graded
        self._waiting: set[str] = set()  # students whose new report is beside the old one
        self.standing: list[Report] = []
        self.changes: list[Change] = []
        self.notices: list[str] = []
        self.graded = 0
        self.unchanged = 0

    def grade(self, students: Sequence[str], graders: Graders) -> None:
        """Grade what has to be graded of ``students``; what changes a score waits."""
        for submission, result in graders.grade(self._to_grade(students)):
            report = result or self._without_score(submission, [_given_up()])
            key = result_key(self._setup, submission)
            self.graded += 1
            self._settle(submission, _with_key(report, key))
        self._flush()

    def settle_changes(self, tell: Changes) -> None:
        """Tell of the scores that change, then make them count: in the gradebook, then here.

        In this order, since the gradebook goes by the report that stands: killed in between, the
        next run finds both as they were, or the change already in the gradebook.
        """
        self.changes.sort(key=lambda change: change.student)
        tell(self.changes)
        for start in range(0, len(self.changes), _BATCH):
            students = [change.student for change in self.changes[start : start + _BATCH]]
            for student in students:
                read = read_pending if student in self._waiting else read_report
                report = read(self._output, student, self._spec.name)
                assert report is not None, student
                self._batch.append(report)
            self._flush()
            for student in students:
                if student in self._waiting:
                    settle_pending(self._output, student, self._spec.name)

    def _to_grade(self, students: Sequence[str]) -> Iterator[Submission]:
        """The submissions that have no result yet; those that have one are settled on the way."""
        for student in students:
            with in_language(self._spec.language):  # its notes are the student's
                submission = read_submission(
                    self._folder,
                    student,
                    self._spec.name,
                    self._released,
                    self._spec.limits.file_bytes,
                    self._other_assignments,
                    self._languages,
                )
            before = self._read_before(student)
            if self._is_result(before, submission):
                assert before is not None
                self._keep(submission, before)
                continue
            if before is not None:
                self._before[student] = before
            pending = read_pending(self._output, student, self._spec.name)
            if self._is_result(pending, submission):
                assert pending is not None
                self.unchanged += 1
                self._settle(submission, _of_the_files_now(pending, submission), cached=True)
            else:
                drop_pending(self._output, student, self._spec.name)
                if submission.forms or submission.on_time:
                    yield submission
                else:  # nothing to run, so no grading process is started for it
                    said = (*submission.unreadable, *submission.notes)
                    remarks = [Remark(text=text) for text in said]
                    self._settle(submission, self._without_score(submission, remarks))

    def _read_before(self, student: str) -> Report | None:
        try:
            return read_report(self._output, student, self._spec.name)
        except UnreadableReportError as error:
            aside = set_aside(self._output, student, self._spec.name)
            self.notices.append(
                _("{what}; it is called {aside} now, and the submission is graded again").format(
                    what=str(error).partition("\n")[0], aside=aside.name
                )
            )
            return None

    def _is_result(self, report: Report | None, submission: Submission) -> bool:
        """Whether ``report`` is what grading would come to; no score is no result."""
        return (
            not self._options.force
            and report is not None
            and report.score is not None
            and report.provenance.result_key == result_key(self._setup, submission)
        )

    def _keep(self, submission: Submission, before: Report) -> None:
        """Count the result that was there, with what has nothing to do with grading as of now."""
        now = self._with_lateness(_of_the_files_now(before, submission))
        if now.submission.on_time_version != before.submission.on_time_version:
            self._resubmitted[now.student] = True  # another version counts, by no regrade
        if now != before:
            write_report(self._output, now)
        drop_pending(self._output, now.student, self._spec.name)
        self.unchanged += 1
        self._count(now, cached=True)

    def _settle(self, submission: Submission, result: Report, *, cached: bool = False) -> None:
        """Put a new result on the disk: in its place, or beside a report with another score.

        Where a lower one does not count it waits there, too, so that it is not graded at each run,
        until ``allow_lower`` takes it or it is no result any more.
        """
        before = self._before.pop(submission.student, None)
        result = self._with_lateness(result)  # by which it is known which version counts
        is_earlier = result.submission.on_time_version
        files = [form.sha256 for form in (submission.on_time if is_earlier else submission.forms)]
        settled = settle(before, result, files, self._options.allow_lower)
        # Of the score that stands: no penalty is more than that. Where nothing can be read now, it
        # is for the file of then, which was handed in then.
        report = self._with_lateness(settled.report, before if not files else None)
        if before is not None and before.submission.sha256 is not None:
            self._resubmitted[submission.student] = not is_regrade(before, files)
        if settled.change is not None:
            self.changes.append(settled.change)
        if settled.change is not None and not settled.change.kept:
            write_pending(self._output, report)
            self._waiting.add(report.student)
        elif report != before:
            write_report(self._output, report)
        is_lower = settled.change is not None and settled.change.kept and result.score is not None
        if is_lower and not cached:
            write_pending(self._output, result)
        self._count(report, cached=cached, into_gradebook=settled.change is None)

    def _with_lateness(self, report: Report, before: Report | None = None) -> Report:
        """``report`` with how late it is, by the time of ``before`` where that is given.

        Of two versions the one that comes to more by that.
        """
        if before is not None and before.score is not None:
            file = versions(before)[0].submission
            when = HandedIn(file.submitted_at, file.submitted_at_source)
        else:
            when = handed_in(self._folder, report.student, self._spec.name)
        latest, on_time = versions(report)
        latest = self._late_by(latest, when)
        if on_time is None:
            return latest
        earlier = handed_in(on_time_folder(self._folder), report.student, self._spec.name)
        return the_better(latest, self._late_by(on_time, earlier))

    def _late_by(self, report: Report, when: HandedIn) -> Report:
        if when.problem and when.problem not in self.notices:
            self.notices.append(when.problem)
        return with_lateness(report, when, self._options.deadline(report.student), self._late)

    def _count(self, report: Report, *, cached: bool = False, into_gradebook: bool = True) -> None:
        self.standing.append(_for_the_table(report))
        if into_gradebook:
            self._batch.append(report)
            if len(self._batch) >= _BATCH:
                self._flush()
        resubmitted = self._resubmitted.get(report.student)
        self._progress(Step(len(self.standing), self._total, report, cached, resubmitted))

    def _flush(self) -> None:
        if self._batch:
            self._write(self._batch, self._resubmitted)
            self._batch = []

    def _without_score(self, submission: Submission, remarks: Sequence[Remark]) -> Report:
        """Of a submission that was not run: no score, which is no zero."""
        return Report(
            assignment=self._spec.name,
            student=submission.student,
            score=None,
            max_score=self._spec.points,
            submission=SubmittedFile(file=None, sha256=None),
            exercises=tuple(
                ExerciseResult(name=one.name, score=None, max_score=one.points, checks=())
                for one in self._spec.exercises
            ),
            remarks=tuple(remarks),
            duration_seconds=0.0,
            provenance=self._not_run,
        )


def _with_key(report: Report, key: str) -> Report:
    """``report``, and what it holds of another version, which may come to count, under ``key``."""
    other = report.other_version
    return msgspec.structs.replace(
        report,
        provenance=msgspec.structs.replace(report.provenance, result_key=key),
        other_version=None if other is None else _with_key(other, key),
    )


def _of_the_files_now(report: Report, submission: Submission) -> Report:
    """``report`` with the hashes of the files as they are now, which may differ in no code."""
    latest, on_time = versions(report)
    latest = _hashed(latest, submission.forms)
    if on_time is None:
        return latest
    return msgspec.structs.replace(latest, other_version=_hashed(on_time, submission.on_time))


def _hashed(report: Report, forms: Sequence[Form]) -> Report:
    hashes = {form.file: form.sha256 for form in forms}
    sha256 = hashes.get(report.submission.file or "")
    file = msgspec.structs.replace(report.submission, sha256=sha256)
    return msgspec.structs.replace(report, submission=file)


def _given_up() -> Remark:
    text = _("grading this one ended the grading process again and again; run the command again")
    return Remark(text=text, audience="instructor")


def _for_the_table(report: Report) -> Report:
    exercises = tuple(
        msgspec.structs.replace(
            exercise,
            checks=tuple(
                check for check in exercise.checks if check.void or check.outcome is Outcome.ERRORED
            ),
        )
        for exercise in report.exercises
    )
    return msgspec.structs.replace(
        report, exercises=exercises, misconceptions=(), other_version=None
    )


def released_forms(course: Course, assignment: str) -> list[Form]:
    """The notebook and the script as students were given them, in every language of the course.

    What was not released is absent.
    """
    forms = []
    for folder in course.releases(assignment).values():
        for path in (folder / f"{assignment}.ipynb", folder / f"{assignment}.py"):
            with contextlib.suppress(FileNotFoundError):
                forms.append(as_form(path.name, path.read_bytes(), assignment))
    return forms
