"""What a member of an archive, a file or an entry of a commit may be called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from autograder.classroom.collecting.handed import alike, is_litter, why_no_name
from autograder.messages import _

_MAX_PATH = 1_000  # signs


def why_no_path(path: str) -> str:
    """Why ``path`` is none inside of a tree; "" where it is."""
    if "\0" in path:
        return _("has signs in its name that not every system has")
    if len(path) > _MAX_PATH:  # each of its thousands of folders would have a name of its own
        return _("has too long a name")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or path.startswith("\\"):
        return _("has an absolute path")
    parts = path.split("/")
    if any(re.fullmatch(r"\.git[ .]*|git~1", alike(part)) for part in parts):
        return _("lies in a .git folder, which is left unread")
    if is_litter(path):
        return ""
    return next((why for part in parts if (why := why_no_name(part))), "")


def colliding_names(names: Iterable[str]) -> set[str]:
    """Those of ``names`` that are one to some disk, or a file where another has a folder."""
    names = [name for name in names if len(name) <= _MAX_PATH]
    often = Counter(alike(name) for name in names)
    folders = {alike(str(folder)) for name in set(names) for folder in PurePosixPath(name).parents}
    return {name for name in names if often[alike(name)] > 1 or alike(name) in folders}


def cut(name: str) -> str:
    """``name`` to be shown; its end says what it is."""
    return name if len(name) <= _MAX_PATH else f"…{name[-100:]}"


def same_name() -> str:
    """Why one of `colliding_names` is not read."""
    return _("has the same name as another member, on some disks")
