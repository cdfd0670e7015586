"""One machine's share of a class that several grade."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from autograder.errors import OperatorError
from autograder.grading.secret import FILE_NAME, VARIABLE, existing_secret
from autograder.messages import _

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)


class Shard(msgspec.Struct, frozen=True):
    """The share of one machine of several: the ``number``-th, from 1, of ``count``."""

    number: int
    count: int

    def holds(self, student: str) -> bool:
        """Whether this student is in it; the same wherever it is asked."""
        digest = hashlib.sha256(student.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "little") % self.count == self.number - 1


def read_shard(text: str, root: Path) -> Shard:
    """The shard that ``text`` names, such as ``2/5``, for the course at ``root``.

    Raises OperatorError where it names none, or the course secret is not here: a new one would draw
    other inputs than the other machines', and no report would fit theirs.
    """
    found = _SHARD.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise OperatorError(
            _("--shard {text}: is no share\n  fix: the number of this one and of all: 2/5").format(
                text=text
            )
        )
    if existing_secret(root) is None:
        raise OperatorError(
            _(
                "--shard: the course secret is not here, and all machines need the same one\n"
                "  fix: put it into {variable}, or into {file}; it is made where the course is "
                "first graded"
            ).format(variable=VARIABLE, file=root / FILE_NAME)
        )
    return Shard(int(found[1]), int(found[2]))
