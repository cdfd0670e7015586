"""Errors of ours across processes: an exit code for the kind, the text on standard error."""

from __future__ import annotations

from autograder.errors import AuthorError, AutograderError, OperatorError, SandboxError

_KINDS: dict[int, type[AutograderError]] = {2: OperatorError, 3: SandboxError, 4: AuthorError}


def exit_code(error: AutograderError) -> int:
    """The exit code that stands for an error of this kind."""
    return next((code for code, kind in _KINDS.items() if isinstance(error, kind)), 2)


def raise_what_it_said(code: int | None, said: str) -> None:
    """Raise the error that a process ended with; nothing where it ended otherwise."""
    if code in _KINDS:
        raise _KINDS[code](said.strip())
