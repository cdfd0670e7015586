"""One question to GitHub through its own program, `gh`, which has the token and the certificates.

What is sent goes by file, never in an argument; what comes back is bounded, and read as JSON.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _

HOST = "github.com"
_WALL_SECONDS = 60.0
_LARGEST_ANSWER = 16 * 2**20  # bytes
_LONGEST_REASON = 200  # characters
_STATUS = re.compile(rb"HTTP/[\d.]+ (\d{3})\b[^\n]*\n")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_NO_LOGIN = 4  # gh's exit code
_TOKEN = re.compile(r"gh[a-z]_\w+|github_pat_\w+")
# These would print the token, take another repository's place, or draw for a terminal.
_NOT_INHERITED = frozenset(
    ("GH_DEBUG", "DEBUG", "GH_REPO", "GH_FORCE_TTY", "CLICOLOR_FORCE", "GH_ENTERPRISE_TOKEN")
)
_SET = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_PAGER": "cat",
    "GH_HOST": HOST,
    "NO_COLOR": "1",
}


class NoAnswerError(Exception):
    """Nothing came back, so it is not known whether what was asked for was done."""


class Answer(msgspec.Struct, frozen=True):
    """What GitHub answered. ``headers`` are in small letters; ``data`` is JSON, if all is well."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def is_fine(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """Why not, in GitHub's words, as a part of one line."""
        try:
            message = msgspec.json.decode(self.data, type=_Refusal).message
        except (msgspec.DecodeError, RecursionError):
            message = ""
        return f"{_in_short(message)} (HTTP {self.status})".strip()


class _Refusal(msgspec.Struct):
    message: str = ""


class Gh(Protocol):
    """Whatever asks GitHub."""

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        """GitHub's answer. Raises NoAnswerError where none came."""
        ...


class GhProgram:
    """Asks through `gh api`, one process for each question. Raises OperatorError without one."""

    def __init__(self, wall_seconds: float = _WALL_SECONDS) -> None:
        # Not from the current folder, which may be a student's, though PATH name it.
        folders = os.get_exec_path()
        found = shutil.which(
            "gh", path=os.pathsep.join(f for f in folders if Path(f).is_absolute())
        )
        if found is None or not Path(found).is_absolute():
            raise OperatorError(
                _(
                    "there is no program gh, which talks to GitHub\n"
                    "  fix: install GitHub's command line program, then: gh auth login"
                )
            )
        self._program = found
        self._wall_seconds = wall_seconds

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        """GitHub's answer.

        Raises:
            NoAnswerError: None came, or none that can be read.
            OperatorError: Nobody is logged in.
        """
        # A folder of its own, 0700: what is sent lies in it, and no repository is around it.
        with tempfile.TemporaryDirectory(prefix="publish-") as folder:
            arguments = [
                self._program, "api", "--hostname", HOST, "--method", method, "--include",
                "--header", "Accept: application/vnd.github+json",
                "--header", "X-GitHub-Api-Version: 2022-11-28", path,
            ]  # fmt: skip
            if fields is not None:
                body = Path(folder) / "body.json"
                body.write_bytes(msgspec.json.encode(fields))
                arguments += ["--input", str(body)]
            code, output, errors = self._run(arguments, Path(folder))
        if code == _NO_LOGIN:
            raise OperatorError(
                _("gh: {why}\n  fix: gh auth login, or set GH_TOKEN").format(why=_in_short(errors))
            )
        answer = _read(output)
        if answer is None:
            raise NoAnswerError(_in_short(errors) or _("gh gave no answer"))
        return answer

    def _run(self, arguments: list[str], folder: Path) -> tuple[int, bytes, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        with (folder / "output").open("w+b") as output, (folder / "errors").open("w+b") as errors:
            try:
                code = subprocess.run(
                    arguments,
                    cwd=folder,
                    env={**kept, **_SET},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    timeout=self._wall_seconds,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise NoAnswerError(
                    _("no answer in {seconds:g} s").format(seconds=self._wall_seconds)
                ) from error
            except OSError as error:
                raise OperatorError(
                    _("gh cannot be started: {error}\n  fix: install it anew").format(error=error)
                ) from error
            output.seek(0)
            errors.seek(0)
            data = output.read(_LARGEST_ANSWER + 1)
            if len(data) > _LARGEST_ANSWER:
                raise NoAnswerError(_("the answer is too large"))
            return code, data, errors.read(4096).decode(errors="replace")


def _read(output: bytes) -> Answer | None:
    """What `gh api --include` printed: a status, headers, an empty line, JSON; None if not that."""
    status = _STATUS.match(output)
    if status is None:
        return None
    end = _HEADERS_END.search(output, status.end() - 1)
    if end is None:
        return None
    headers = {}
    for line in output[status.end() : end.start()].decode("latin-1").splitlines():
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Answer(int(status[1]), headers, output[end.end() :])


def _in_short(text: str) -> str:
    """The first line of ``text``, without a token if there is one in it."""
    first = text.strip().partition("\n")[0]
    return escape.one_line(_TOKEN.sub("***", first)[:_LONGEST_REASON])
