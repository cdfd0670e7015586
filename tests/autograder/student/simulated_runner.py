"""A job's log as a runner of GitHub Actions reads it, and the files that it gives to a step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FILES = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")
KNOWN = frozenset((
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
))  # fmt: skip


class Command(NamedTuple):
    """What the runner obeys; of `stop-commands` the random word is left out."""

    name: str
    properties: str = ""
    data: str = ""

    def property(self, name: str) -> str:
        """One of its properties, decoded."""
        listed = dict(one.split("=", 1) for one in self.properties.split(","))
        return decoded(listed.get(name, ""))


def decoded(text: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def obeyed(log: str) -> list[Command]:
    """The commands of ``log``, in order."""
    found: list[Command] = []
    word = ""
    for line in re.split(r"\r\n|\n|\r", log):
        known = KNOWN | {word} if word else KNOWN
        command = _command(line, known)
        if command is None or (word and command.name != word):
            continue
        if word:
            found.append(Command("go-on"))
            word = ""
        elif command.name == "stop-commands":
            word = command.data
            found.append(Command("stop-commands"))
        else:
            found.append(command)
    return found


def _command(line: str, known: frozenset[str]) -> Command | None:
    """Two colons after any white space, or two hashes and a bracket anywhere."""
    newer = re.match(r"\s*::([^\s:]+)(?:\s+(.*?))?::(.*)", line)
    if newer and newer[1] in known:
        return Command(newer[1], newer[2] or "", newer[3])
    older = re.search(r"##\[([^\s\]]+)(?:\s+([^\]]*))?\](.*)", line)
    if older and older[1] in known:
        return Command(older[1], older[2] or "", older[3])
    return None


def given_files(folder: Path) -> dict[str, str]:
    """The variables that name a step's files, each empty and writable by everybody."""
    folder.mkdir(mode=0o755)
    folder.chmod(0o777)
    given = {name: str(folder / name.lower()) for name in FILES}
    for path in given.values():
        Path(path).touch()
        Path(path).chmod(0o666)
    return given


def without_fences(markdown: str) -> str:
    """What of it is Markdown: fenced text is shown as it is."""
    kept, fence = [], ""
    for line in markdown.split("\n"):
        opened = re.match(r"(`{3,})", line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif opened:
            fence = opened[1]
        else:
            kept.append(line)
    assert not fence
    return "\n".join(kept)
