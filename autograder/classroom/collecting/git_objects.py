"""The objects of a repository that may be anybody's, read by `git cat-file` and by nothing else.

git is started in a repository of ours, with a configuration of ours, and is shown no more of
theirs than the folder of objects: so there is no hook, alias, filter, attribute, fsmonitor,
include, replacement, graft or promised object that it could obey. Links among the objects, and
objects that lie elsewhere ("alternates"), are refused: they would show other folders' files. What
comes back is hashed again here, so that an object is the one its name says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import resource
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from autograder.errors import OperatorError, SubmissionError
from autograder.messages import _
from autograder.submission.reading import printable

OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_ENTRIES = 500_000
_MAX_SECONDS = 120  # wall time, of all that is read of one repository
_MAX_CPU_SECONDS = 60
_MEMORY_BYTES = 2**30  # of addresses: a pack of a few KB may hold what comes to gigabytes
_CONFIG = """[core]
\trepositoryformatversion = {version}
\tbare = true
\thooksPath = {null}
\tfsmonitor = false
\tattributesFile = {null}
\tcommitGraph = false
\tmultiPackIndex = false
\tbigFileThreshold = 16m
\tpackedGitWindowSize = 16m
\tpackedGitLimit = 128m
[protocol]
\tallow = never
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


class Workshop:
    """A folder of ours with an empty repository for each kind of hash, and where git is."""

    def __init__(self, folder: Path) -> None:
        git = shutil.which("git")
        if git is None or not Path(git).is_absolute():
            raise OperatorError(
                _("the repositories cannot be read: there is no git\n  fix: apt-get install git")
            )
        self.git = git
        self.folder = folder
        for name, version in (("sha1", 0), ("sha256", 1)):
            (folder / name / "refs").mkdir(parents=True)
            (folder / name / "HEAD").write_text("ref: refs/heads/none\n")
            text = _CONFIG.format(version=version, null=os.devnull)
            if name == "sha256":
                text += "[extensions]\n\tobjectFormat = sha256\n"
            (folder / name / "config").write_text(text)

    def environment(self, hash_name: str, objects: Path) -> dict[str, str]:
        """All that git is told; nothing of the operator's environment."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_DIR": str(self.folder / hash_name),
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "",
        }


@contextlib.contextmanager
def workshop() -> Iterator[Workshop]:
    """A `Workshop` for the block. Raises OperatorError where there is no git."""
    with tempfile.TemporaryDirectory(prefix="collect-") as folder:
        yield Workshop(Path(folder).resolve())


class Objects:
    """The objects in ``folder``; to be closed."""

    def __init__(self, ours: Workshop, folder: Path, hash_name: str, shown: str) -> None:
        self._shown = shown
        self._hash_name = hash_name
        _refuse_what_leads_away(folder, shown)
        environment = ours.environment(hash_name, folder.resolve())
        self._sizes = _started(ours, environment, "--batch-check")
        self._contents = _started(ours, environment, "--batch")
        self._clock = threading.Timer(_MAX_SECONDS, self._stop)
        self._clock.daemon = True
        self._clock.start()

    def _stop(self) -> None:
        for process in (self._sizes, self._contents):
            process.kill()

    def close(self) -> None:
        """End git."""
        self._clock.cancel()
        self._stop()
        for process in (self._sizes, self._contents):
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def kind_and_size(self, name: str) -> tuple[str, int] | None:
        """Of the object ``name``, nothing of which is read; None where it is not there."""
        answer = self._ask(self._sizes, name)
        return answer

    def read(self, name: str, kind: str, max_bytes: int) -> bytes:
        """The object ``name``; raises SubmissionError where it is another, too large or broken."""
        known = self.kind_and_size(name)
        if known is None or known[0] != kind:
            raise self.error(_("the {kind} {name} is missing").format(kind=kind, name=name[:12]))
        if known[1] > max_bytes:
            raise self.error(
                _("the {kind} {name} is larger than {limit:.0f} MiB").format(
                    kind=kind, name=name[:12], limit=max_bytes / 2**20
                )
            )
        answer = self._ask(self._contents, name)
        if answer is None or answer[1] > max_bytes:
            raise self.error(_("git stopped"))
        data = _exactly(self._contents.stdout, answer[1])
        if data is None or _exactly(self._contents.stdout, 1) is None:
            raise self.error(_("git stopped"))
        header = f"{kind} {len(data)}\0".encode()
        if hashlib.new(self._hash_name, header + data, usedforsecurity=False).hexdigest() != name:
            raise self.error(_("the {kind} {name} is another").format(kind=kind, name=name[:12]))
        return data

    def _ask(self, process: subprocess.Popen[bytes], name: str) -> tuple[str, int] | None:
        if OBJECT_ID.fullmatch(name) is None:
            raise self.error(_("{name} is no object").format(name=printable(name[:80])))
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline(400)
        except OSError:
            line = b""
        words = line.split()
        if len(words) == 2 and words[1] == b"missing":
            return None
        if len(words) != 3 or words[0].decode("ascii", "replace") != name or not words[2].isdigit():
            raise self.error(_("git cannot read it, or stopped"))
        return words[1].decode("ascii", "replace"), int(words[2])

    def error(self, why: str) -> SubmissionError:
        """The error for this repository."""
        return SubmissionError(
            _("{path}: {why}\n  fix: clone it again, whole, and collect again").format(
                path=self._shown, why=why
            )
        )


def _exactly(pipe: IO[bytes] | None, size: int) -> bytes | None:
    assert pipe is not None
    data = pipe.read(size)
    return data if len(data) == size else None


def _started(ours: Workshop, environment: dict[str, str], what: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [ours.git, "cat-file", what],
        cwd=ours.folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=_limit,
    )


def _limit() -> None:
    """Of git: bounded time and memory, and not one byte written to a file."""
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_SECONDS, _MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse_what_leads_away(objects: Path, shown: str) -> None:
    """Raise SubmissionError where reading an object would read another folder's files."""
    left = _MAX_ENTRIES
    waiting = [objects]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            raise _unreadable(shown, os.strerror(error.errno or 0)) from error
        for entry in entries:
            left -= 1
            if left < 0:
                raise _unreadable(shown, _("it has too many objects"))
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.is_symlink() or not entry.is_file(follow_symlinks=False):
                raise _unreadable(shown, _("among its objects is a link, or no file"))
            elif entry.name in ("alternates", "http-alternates"):
                raise _unreadable(shown, _("its objects lie in another repository"))


def _unreadable(shown: str, why: str) -> SubmissionError:
    return SubmissionError(
        _("{path}: {why}\n  fix: clone it again, whole, and collect again").format(
            path=shown, why=why
        )
    )
