"""Clones as GitHub's clients make them, made here without a server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.autograder.conftest import ROOT

WORKED_ON = (
    ROOT / "examples" / "submitted" / "emil" / "convolutions" / "convolutions.py"
).read_bytes()
OTHER_WORK = WORKED_ON + b"\nanother = 1\n"
HANDED_OUT = (ROOT / "assignments" / "convolutions" / "convolutions.py").read_bytes()
NOTEBOOK = (ROOT / "assignments" / "convolutions" / "convolutions.ipynb").read_bytes()

Files = Mapping[str, bytes | tuple[str, bytes]]  # (mode, content) for what is no plain file


def git(folder: Path, *arguments: str, data: bytes | None = None) -> str:
    """What git says, in a repository of the test's own."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
        "GIT_AUTHOR_DATE": "@1790000000 +0000", "GIT_COMMITTER_DATE": "@1790000000 +0000",
    }  # fmt: skip
    command = ["git", "-c", "core.protectNTFS=false", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, input=data, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def new_clone(folder: Path, *arguments: str) -> Path:
    """An empty clone: nothing was ever pushed."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--template=", "-b", "main", *arguments)
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return folder


def commit(clone: Path, files: Files, branch: str = "main", parent: str = "") -> str:
    """A commit with these files, as if it had been fetched from the server's ``branch``."""
    stream = [
        f"commit refs/remotes/origin/{branch}\n".encode(),
        b"committer a <a@b> 1790000000 +0000\ndata 1\nx\n",
        f"from {parent}\n".encode() if parent else b"",
        b"deleteall\n",
    ]
    for path, content in files.items():
        mode, data = content if isinstance(content, tuple) else ("100644", content)
        if mode == "160000":
            stream.append(f"M {mode} {data.decode()} {path}\n".encode())
        else:
            stream.append(f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    git(clone, "fast-import", "--quiet", "--force", data=b"".join(stream))
    return git(clone, "rev-parse", f"refs/remotes/origin/{branch}")


def clone_with(folder: Path, files: Files) -> Path:
    """A clone with one commit."""
    clone = new_clone(folder)
    commit(clone, files)
    return clone
