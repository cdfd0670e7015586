"""The course secret: what hidden inputs are drawn from; never stored anywhere but in its file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from autograder.errors import OperatorError
from autograder.messages import _

FILE_NAME = ".course-secret"
VARIABLE = "AUTOGRADER_COURSE_SECRET"
_MIN_BYTES = 16


def course_secret(root: Path) -> bytes:
    """The secret from the environment or ``root/.course-secret``, which is made on first use.

    Raises OperatorError when it is too short, or readable by others.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return _checked(given.encode(), VARIABLE)
    path = root / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise OperatorError(
                _("{path}: others can read the course secret\n  fix: chmod 600 {path}").format(
                    path=path
                )
            )
        return _checked(path.read_bytes().strip(), str(path))
    except OSError as error:
        raise OperatorError(
            _(
                "{path}: the course secret cannot be made or read: {why}\n"
                "  fix: make the folder writable, or set {variable}"
            ).format(path=path, why=error.strerror, variable=VARIABLE)
        ) from error


def existing_secret(root: Path) -> bytes | None:
    """The course secret, None where there is none: a new one is nobody's, so none is made."""
    given = os.environ.get(VARIABLE, "").strip()
    return course_secret(root) if given or (root / FILE_NAME).exists() else None


def _make(path: Path) -> None:
    """Whole or not at all: a run that starts at the same moment must not read half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as file:  # mode 0600
        file.write(secrets.token_hex(32).encode() + b"\n")
        file.flush()
        with contextlib.suppress(FileExistsError):  # another run was first, and its secret counts
            path.hardlink_to(file.name)


def fingerprint(secret: bytes) -> str:
    """16 hexadecimal digits that tell two secrets apart and give neither away."""
    return hashlib.sha256(b"fingerprint" + secret).hexdigest()[:16]


def _checked(secret: bytes, where: str) -> bytes:
    if len(secret) < _MIN_BYTES:
        raise OperatorError(
            _(
                "{where}: the course secret has fewer than {count} characters\n"
                "  fix: delete it, and a new one is made"
            ).format(where=where, count=_MIN_BYTES)
        )
    return secret
