"""A class graded into its gradebook: reports on the disk first, then the scores, in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.gradebook.address import database_url
from autograder.gradebook.autograded import Autograded
from autograder.gradebook.deadlines import refuse_before_due
from autograder.gradebook.writer import GradebookWriter
from autograder.grading.course import ClassResult, grade_class
from autograder.grading.regrade import Changes, refuse_other_exercises
from autograder.grading.run import Options, Step
from autograder.grading.workers import Graders
from autograder.messages import _, in_language
from autograder.report import Report
from autograder.spec import Course


def grade_into_gradebook(
    course: Course,
    assignment: str,
    folder: Path,
    output: Path,
    db_url: str | None,
    graders: Graders,
    options: Options,
    progress: Callable[[Step], None],
    changes: Changes,
    show: Callable[[Report], object] = lambda report: None,
) -> ClassResult:
    """Grade ``folder`` as `grade_class` does, and write the gradebook at ``db_url``.

    ``show`` is called with every report once the gradebook has it, to make pages of it.

    That is an address or a path, as `database_url` takes it; without one it is gradebook.db in
    ``output``. A shard writes reports alone: the gradebook is written by whoever puts them
    together. Raises what both raise.
    """
    refuse_other_exercises(course.assignment(assignment), output)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            _("{folder}: cannot be made: {why}\n  fix: name a folder you can write to").format(
                folder=output, why=error.strerror
            )
        ) from error
    if options.shard is not None:
        return grade_class(
            course, assignment, folder, output, graders, options, progress=progress, changes=changes
        )
    url = database_url(db_url or str((output / "gradebook.db").resolve()))
    spec = course.assignment(assignment)
    notebook = course.release(assignment) / f"{assignment}.ipynb"
    # Opened first: a locked or read-only gradebook is told before anything is graded.
    with GradebookWriter(url, course.spec.course_id, spec, notebook) as writer:
        if options.after_due:
            refuse_before_due(writer.deadlines(), spec, course.late_policy(spec))
        shown = Autograded(course, spec, folder, output)

        def write(reports: Sequence[Report], resubmitted: Mapping[str, bool]) -> None:
            writer.write(reports, resubmitted, options.allow_lower, changes)
            with in_language(spec.language):  # what students read
                for report in reports:
                    shown.write(report)
                    show(report)

        return grade_class(
            course,
            assignment,
            folder,
            output,
            graders,
            msgspec.structs.replace(options, deadline=writer.deadlines().of),
            write=write,
            progress=progress,
            changes=changes,
        )
