"""Whether the world can read the course repository, hidden checks and solutions with it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_SECONDS = 15


def public_origin(root: Path) -> str | None:
    """The address at which anybody can read the repository's origin; None where nobody is known to.

    Asks the server for its branches, without any credentials. None also where there is no origin,
    no network, or a server that does not answer: a warning is all that hangs on it.
    """
    address = _anonymous(_git(root, {}, "remote", "get-url", "origin") or "")
    if address is None:
        return None
    nobody = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": os.devnull,  # where .netrc would be
    }
    return address if _git(Path("/"), nobody, "ls-remote", "--quiet", address) is not None else None


def _anonymous(address: str) -> str | None:
    """The web address of an origin, without a user in it; None for a folder or no origin."""
    if over_ssh := re.fullmatch(r"(?:ssh://)?[^@/]+@([^:/]+)(?::\d+(?=/)|:)?/?(.+)", address):
        return f"https://{over_ssh[1]}/{over_ssh[2]}"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        return None
    place = parts.hostname + (f":{parts.port}" if parts.port else "")
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def _git(folder: Path, variables: dict[str, str], *arguments: str) -> str | None:
    try:
        said = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()
