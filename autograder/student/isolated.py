"""The student's code in a sandboxed child: practice where the code is not one's own to trust."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from autograder.sandbox.host import Sandbox
from autograder.sandbox.inside import wire
from autograder.sandbox.session import SandboxedStudent, SandboxInterruptedError, WallTimeout
from autograder.spec import AssignmentSpec
from autograder.student.local import SEED, STUB, with_its_line
from autograder.student.printed import shown_lines
from autograder.submission import Form


class IsolatedStudent:
    """The connection of the ``student`` fixture to the code of one form. Close it at the end."""

    def __init__(self, sandbox: Sandbox, spec: AssignmentSpec, form: Form) -> None:
        """Load ``form``; what did not run to its end is in ``problems``, as of a `LocalStudent`."""
        self._session = SandboxedStudent(
            sandbox, form.cells, form.module, spec.limits, load_seed=SEED
        )
        self._waited = False
        self._session.load()
        found = [self._session.problems[key] for key in sorted(self._session.problems)]
        self.problems = [
            with_its_line(one.message, one.line, form)
            for one in found
            if not one.message.endswith(STUB)
        ]
        self.printed_by_file = shown_lines(self._session.printed)

    def close(self) -> None:
        """End the child, and with it all that it started."""
        self._session.close()

    def begin_check(self, exercise: str = "") -> None:
        """What follows belongs to a new check of ``exercise``."""
        self._session.begin_check(exercise, SEED)

    def printed_in_check(self) -> str:
        """The last lines of what is kept of the code's prints since the check began."""
        return shown_lines(self._session.printed)

    def runs_again(self, error: BaseException | None) -> bool:
        """Whether a check that ended with ``error`` is run once more before it counts."""
        if isinstance(error, SandboxInterruptedError):  # as often as the session allows
            return True
        if not isinstance(error, WallTimeout):
            self._waited = False
            return False
        self._waited = not self._waited  # once more: the machine was busy
        if not self._waited:
            self._session.count_timeout()
        return self._waited

    def request(
        self, operation: wire.Operation, tensors: Sequence[Tensor]
    ) -> tuple[wire.Result, list[Tensor]]:
        """The answer. Raises StudentFailure when the child dies, is too slow or sends garbage."""
        return self._session.request(operation, list(tensors))
