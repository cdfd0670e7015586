"""Git as template and update need it: objects and references, no hook, filter or configuration of
whoever runs it or of the repository, and no working tree but one of our own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _

AUTHOR = "Course staff"
_EMAIL = "course@invalid"
_DATE = "2026-01-01T00:00:00+0000"  # always the same, and so is the commit
_SECONDS = 120
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    f"core.attributesFile={os.devnull}",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
)


def git(folder: Path, *arguments: str, data: bytes = b"", index: Path | None = None) -> bytes:
    """What git prints in ``folder``. Raises OperatorError where it fails.

    Args:
        folder: Of the repository.
        arguments: The command and its own.
        data: Its input.
        index: The file to take for the repository's index.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # Nothing is fetched, of a partial clone neither: its remote may be a command. By variable:
        # the repository's own `protocol.ext.allow` would stand above a setting of ours.
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent),  # not the course around it
        **{f"GIT_{who}_NAME": AUTHOR for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": _EMAIL for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_DATE": _DATE for who in ("AUTHOR", "COMMITTER")},
    }
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    try:
        done = subprocess.run(
            ["git", *settings, "-C", str(folder), *arguments],
            env=environment,
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        raise OperatorError(_("git is not installed\n  fix: install it")) from error
    except subprocess.TimeoutExpired as error:
        raise OperatorError(
            _("{folder}: git takes too long\n  fix: look at that repository").format(folder=folder)
        ) from error
    except subprocess.CalledProcessError as error:
        said = escape.lines(error.stderr.decode("utf-8", "replace").strip()[-1000:])
        raise OperatorError(
            _("{folder}: git {command}: {why}\n  fix: look at that repository").format(
                folder=folder, command=arguments[0], why=said
            )
        ) from error
    return done.stdout


def commit(
    repository: Path,
    files: Mapping[str, bytes],
    message: str,
    parent: str | None = None,
    without: Iterable[str] = (),
) -> str:
    """The name of a commit that holds ``files``, on top of ``parent`` and what that holds.

    Nothing refers to it yet, and no working tree or index is touched.

    Args:
        repository: Where it is made.
        files: By path. A link or folder in the place of one is replaced, and never followed.
        message: Of the commit.
        parent: The commit before it.
        without: Paths that it does not hold, whether they are there or not.
    """
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        if parent is not None:
            git(repository, "read-tree", parent, index=index)
        gone = [path for path in without if path not in files]
        lines = [f"0 {'0' * len(parent or '')}\t{path}" for path in gone]
        for path, content in sorted(files.items()):
            blob = git(repository, "hash-object", "-w", "--stdin", "--no-filters", data=content)
            lines.append(f"100644 {blob.decode().strip()}\t{path}")
        entries = "".join(f"{line}\0" for line in lines).encode()
        git(
            repository, "update-index", "-z", "--add", "--replace", "--index-info",
            data=entries, index=index,
        )  # fmt: skip
        tree = git(repository, "write-tree", index=index).decode().strip()
    above = ("-p", parent) if parent is not None else ()
    made = git(repository, "commit-tree", tree, *above, data=message.encode())
    return made.decode().strip()


def tree_of(repository: Path, revision: str) -> str:
    """The name of the tree of ``revision``."""
    return git(repository, "rev-parse", "--verify", f"{revision}^{{tree}}").decode().strip()


def paths_in(repository: Path, revision: str) -> dict[str, str]:
    """The paths in ``revision``, each with its mode; those in folders too."""
    listed = git(repository, "ls-tree", "-r", "-z", "--full-tree", revision)
    entries = [one.decode("utf-8", "surrogateescape") for one in listed.split(b"\0") if one]
    return {path: about.split()[0] for about, _tab, path in (e.partition("\t") for e in entries)}
