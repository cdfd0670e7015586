"""By when each student's work is due, as nbgrader's gradebook has it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

from autograder.errors import OperatorError
from autograder.grading.late import Deadline
from autograder.messages import _
from autograder.spec import AssignmentSpec, LatePolicy
from autograder.submission.handed_in import as_utc


class Deadlines(msgspec.Struct, frozen=True):
    """The due date of an assignment, and who has longer, or less long, than the others."""

    due: datetime.datetime | None = None  # UTC; None where the gradebook has none
    extensions: Mapping[str, datetime.timedelta] = {}

    @property
    def last(self) -> datetime.datetime | None:
        """When the last of the class, with whatever extension, has to have handed in."""
        longest = max((datetime.timedelta(), *self.extensions.values()))
        return None if self.due is None else self.due + longest

    def of(self, student: str) -> Deadline:
        """The deadline of ``student``, who need not be in the gradebook yet."""
        return Deadline(self.due, self.extensions.get(student))


def refuse_before_due(deadlines: Deadlines, spec: AssignmentSpec, policy: LatePolicy) -> None:
    """Raise OperatorError unless everybody's time to hand in is over and something may be shown.

    It is over when late work counts for nothing, whoever has an extension.
    """
    if not spec.after_due:
        raise OperatorError(
            _(
                "--after-due: solutions/{name}/assignment.toml lets nothing more be shown\n"
                '  fix: after_due = ["pictures", "messages"] there, then grade again'
            ).format(name=spec.name)
        )
    if deadlines.last is None:
        raise OperatorError(
            _(
                "--after-due: the gradebook has no due date for {name}\n"
                "  fix: set one in formgrader, or leave --after-due out"
            ).format(name=spec.name)
        )
    if policy.cut_off_after_days is None:
        raise OperatorError(
            _(
                "--after-due: late work on {name} counts without end, and whoever hands in then "
                "would know what is asked\n  fix: cut_off_after_days under [late] in course.toml "
                "or assignment.toml (0: late work counts for nothing), or leave --after-due out"
            ).format(name=spec.name)
        )
    over = deadlines.last + datetime.timedelta(
        days=policy.cut_off_after_days, minutes=policy.grace_minutes
    )
    if datetime.datetime.now(datetime.UTC) <= as_utc(over):
        raise OperatorError(
            _(
                "--after-due: somebody may hand in {name} until {when} (UTC)\n"
                "  fix: run it again after that, or leave --after-due out"
            ).format(name=spec.name, when=f"{over:%Y-%m-%d %H:%M}")
        )


def deadlines(gradebook: Any, api: Any, assignment: str) -> Deadlines:
    """The deadlines of a class, in two queries however large it is; nothing is written.

    Args:
        gradebook: An open `nbgrader.api.Gradebook`.
        api: The module nbgrader.api.
        assignment: Its name; without a due date where the gradebook does not know it.
    """
    due = (
        gradebook.db.query(api.Assignment.duedate)
        .filter(api.Assignment.name == assignment)  # unique in a gradebook
        .scalar()
    )
    extensions = (
        gradebook.db.query(api.SubmittedAssignment.student_id, api.SubmittedAssignment.extension)
        .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        .filter(api.Assignment.name == assignment, api.SubmittedAssignment.extension.is_not(None))
    )
    return Deadlines(
        due=None if due is None else as_utc(due),
        extensions={row.student_id: row.extension for row in extensions},
    )
