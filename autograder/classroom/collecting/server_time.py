"""When GitHub got a commit: from its record of pushes, asked with the `gh` client.

A commit's own date is what the student's clock said, or what the student typed; so is that of a
tag, and a time in a tag's name. GitHub keeps a record of each push to a branch, with the commit
before and after it, and nobody can write to that. Tags are not in it: a tag's time is that of the
push that brought its commit.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder.classroom.collecting.repository import Repository
from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_MAX_SECONDS = 120
_MAX_BYTES = 16 * 2**20
_BROUGHT = ("push", "force_push", "branch_creation", "pr_merge", "merge_queue_merge")


class Push(msgspec.Struct, frozen=True):
    """A line of the record: ``after`` is the commit that the branch ``ref`` stood at from then."""

    after: str
    ref: str
    at: datetime.datetime


Ask = Callable[[str], Sequence[Push]]  # by the repository's name; raises SubmissionError


class _Activity(msgspec.Struct):
    timestamp: str
    activity_type: str
    ref: str = ""
    after: str | None = None


def asking(owner: str, folder: Path) -> Ask:
    """A function that asks for the pushes to a repository of ``owner``, oldest first.

    ``folder`` is where gh is started: none of a student's. Raises OperatorError without gh.
    """
    gh = shutil.which("gh")
    if gh is None or not Path(gh).is_absolute():
        raise OperatorError(
            _(
                "--ask-github: there is no program gh\n  fix: install GitHub's command line "
                "program, then: gh auth login"
            )
        )
    if not _is_name(owner):
        raise OperatorError(
            _(
                "--ask-github {owner}: is no organization\n  fix: its name, as in its address"
            ).format(owner=printable(owner))
        )
    return lambda name: _pushes(gh, owner, name, folder)


def brought(
    pushes: Sequence[Push], repository: Repository, commit: str, branch: str
) -> Push | None:
    """The first push after which ``branch`` held ``commit``; None where the record has none."""
    here = [one for one in pushes if one.ref == f"refs/heads/{branch}"]
    exact = next((one for one in here if one.after == commit), None)
    if exact is not None:
        return exact
    return next((one for one in here if repository.holds(one.after, commit)), None)


def last_before(pushes: Sequence[Push], branch: str, due: datetime.datetime) -> Push | None:
    """The last push to ``branch`` that was in time; all of the second that is named counts."""
    end = due + datetime.timedelta(seconds=1)
    before = [one for one in pushes if one.ref == f"refs/heads/{branch}" and one.at < end]
    return before[-1] if before else None


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name not in (".", "..") and name[0] != "-"


def _pushes(gh: str, owner: str, name: str, folder: Path) -> list[Push]:
    where = f"{owner}/{name}"
    if not _is_name(name):
        raise _not_known(printable(where), _("is no repository's name"))
    output = _answer(gh, f"repos/{owner}/{name}/activity?per_page=100&direction=asc", where, folder)
    found = []
    try:
        for one in _activities(output):
            if one.activity_type in _BROUGHT and one.after:
                at = datetime.datetime.fromisoformat(one.timestamp)
                if at.tzinfo is None:
                    raise ValueError(one.timestamp)
                found.append(Push(one.after, one.ref, at.astimezone(datetime.UTC)))
    except (ValueError, OverflowError, RecursionError) as error:
        raise _not_known(where, _("GitHub answered something else")) from error
    return sorted(found, key=lambda push: push.at)


def _activities(output: bytes) -> list[_Activity]:
    """Of one list or several: gh writes the pages one after the other, or as one. ValueError."""
    text = output.decode()
    decoder = json.JSONDecoder()
    found: list[_Activity] = []
    at = 0
    while at < len(text):
        page, end = decoder.raw_decode(text, at)
        found += msgspec.convert(page, list[_Activity])
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return found


def _answer(gh: str, path: str, where: str, folder: Path) -> bytes:
    # Its own configuration and token: gh is the operator's program, asked in the operator's name.
    environment = {
        **os.environ,
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_PAGER": "",
    }
    environment.pop("GH_DEBUG", None)
    process = subprocess.Popen(
        [gh, "api", "--paginate", path],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    clock = threading.Timer(_MAX_SECONDS, process.kill)
    clock.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read(_MAX_BYTES + 1)
        if len(output) > _MAX_BYTES:
            raise _not_known(where, _("GitHub's record is too long"))
        if process.wait() != 0:
            raise _not_known(
                where, _("gh could not ask for it (exit {code})").format(code=process.returncode)
            )
        return output
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _not_known(where: str, why: str) -> SubmissionError:
    return SubmissionError(
        _("{where}: {why}\n  fix: gh auth status, and see: gh api repos/{where}/activity").format(
            where=where, why=why
        )
    )
