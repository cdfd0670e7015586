"""Why a visible check failed: in words, and as a picture. Nothing in here is escaped yet."""

from __future__ import annotations

import re
import sysconfig

from autograder.errors import StudentFailure
from autograder.messages import _
from autograder.outputs.pictures import Picture, picture_of
from autograder.report import Outcome
from autograder.student.practice import Tried
from autograder.student.released import Released

_SHOWN_OF_A_TRACEBACK = 12  # lines, the last ones
_FRAME = re.compile(r'  File "(.*)", line \d+')
# Where an object lies in memory helps nobody, and differs from run to run.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def failure_text(tried: Tried) -> str:
    """Why a visible check failed, in the student's terms; not escaped."""
    error = tried.verdict.error
    if tried.verdict.outcome is Outcome.ERRORED:
        return _("this check itself broke: {error}\n  fix: tell your instructor").format(
            error=f"{type(error).__name__}: {error}"
        )
    text = _ADDRESS.sub("", str(error)) or _("the answer is not the expected one")
    if tried.drawing is not None:
        return text.partition("\n")[0]  # the numbers below it are in the picture
    if isinstance(error, StudentFailure) and error.detail:
        lines = students_frames(error.detail).splitlines()
        cut = ["…"] if len(lines) > _SHOWN_OF_A_TRACEBACK else []
        text = "\n".join([text, *cut, *lines[-_SHOWN_OF_A_TRACEBACK:]])
    return text


def students_frames(detail: str) -> str:
    """``detail``, a traceback, without what lies in the libraries that the student's code calls."""
    libraries = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    lines = detail.splitlines()
    kept: list[str] = []
    is_frame = True
    is_kept = True
    for one in lines:
        if frame := is_frame and _FRAME.match(one):
            name = frame.group(1)
            is_kept = not (name.startswith(libraries) or name.startswith("<frozen "))
        elif not one.startswith("  "):  # the error's own text follows
            is_frame, is_kept = False, True
        if is_kept:
            kept.append(one)
    return "\n".join(kept)


def picture_in(released: Released, tried: Tried) -> Picture | None:
    """The picture of a failed check, where an answer differs from the expected one."""
    if tried.drawing is None:
        return None
    names = released.tensors.get(tried.drawing.function, ())
    return picture_of(tried.drawing, released.windows, names)
