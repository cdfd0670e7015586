"""The course a command works in: the operator's, though it be started in a student's folder.

A course brings code that runs with the operator's rights: its checks. A student may hand in a
folder that looks like a course, with a course.toml of its own.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.errors import OperatorError
from autograder.messages import _
from autograder.spec import Course, find_course


def trusted_course(start: Path, graded: Path | None = None) -> Course:
    """The outermost course around ``start``, since what lies inside a course may be handed in.

    Args:
        start: The folder the command is started in.
        graded: The folder of submissions, where one is named.

    Raises:
        OperatorError: There is no course; it lies in ``graded``; or the outermost belongs to
            somebody else, so that it cannot be told which of them is meant.
    """
    around = [folder for folder in (start.resolve(), *start.resolve().parents) if _holds(folder)]
    if not around:
        return find_course(start)  # which says that there is none
    inner, outer = around[0], around[-1]
    if inner != outer and not _is_ours(outer):
        raise OperatorError(
            _(
                "{inner} lies inside of the course {outer}, which belongs to another user; what "
                "lies in a course may be handed in by a student\n"
                "  fix: cd {outer}   (or move {inner} out of it)"
            ).format(inner=inner, outer=outer)
        )
    if graded is not None and outer.is_relative_to(graded.resolve()):
        raise OperatorError(
            _(
                "{outer}: this course lies in the folder to be graded, where a student may have "
                "put it\n  fix: start in your own course: cd COURSE && autograder grade {graded}"
            ).format(outer=outer, graded=graded.resolve())
        )
    return find_course(outer)


def _holds(folder: Path) -> bool:
    """Whether ``folder`` is the root of a course; none is where everybody may write, as in /tmp."""
    shared = stat.S_ISVTX | stat.S_IWOTH
    return (folder / "course.toml").is_file() and folder.stat().st_mode & shared != shared


def _is_ours(folder: Path) -> bool:
    """Whether whoever runs the command, or root, made it."""
    if not hasattr(os, "geteuid"):
        return True  # where files have no such owner
    return (folder / "course.toml").stat().st_uid in (os.geteuid(), 0)
