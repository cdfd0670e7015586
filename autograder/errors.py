"""Every error that reaches a person, by who must act.

AutograderError
├── AuthorError      the assignment or a check is wrong; its author acts
├── SubmissionError  a submitted file cannot be read; the student or instructor acts
├── OperatorError    a path, a database, a missing package; who runs the command acts
└── SandboxError     student code cannot be isolated here; who runs the machine acts

StudentFailure is not an error of ours: it is the answer "the student's code did not do it", and
a check that meets it has failed.
"""

from __future__ import annotations

import enum


class AutograderError(Exception):
    """Something a person has to mend; the text says what, where and ``fix:``."""


class AuthorError(AutograderError):
    """An assignment, its spec or one of its checks is wrong."""


class SubmissionError(AutograderError):
    """A submitted file cannot be read as a notebook or a script."""


class OperatorError(AutograderError):
    """The command cannot do its work with these paths, files or packages."""


class SandboxError(AutograderError):
    """Student code cannot be isolated, or the sandbox itself broke."""


class FailureKind(enum.Enum):
    """Why student code gave no usable answer; a fixed set, so naming it leaks nothing."""

    MISSING = "missing"  # the name is not defined
    NOT_BEGUN = "not-begun"  # what is asked for is still the stub that was handed out
    RAISED = "raised"  # the code raised an exception
    DIED = "died"  # the process ended: os._exit, a signal, out of memory
    TIMEOUT = "timeout"  # the CPU or wall time ran out
    NOT_RUN = "not-run"  # skipped after two time-outs in the exercise
    REFUSED = "refused"  # the answer is of a kind we do not read
    WRONG_TYPE = "wrong-type"  # the answer is not of the kind the contract asks for
    NO_GRADIENT = "no-gradient"  # autograd finds no path


class StudentFailure(Exception):  # noqa: N818 - not an error of ours, see the module docstring
    """The student's code did not answer as asked.

    Args:
        kind: Why; safe to show for a hidden check.
        message: One sentence for the student, safe only where the check's inputs are visible.
        detail: The traceback or text of the student's code, for the instructor.
    """

    def __init__(self, kind: FailureKind, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.detail = detail
