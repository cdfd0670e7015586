"""``nbgrader collect``, and formgrader's button for it, with a notebook beside each script."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect

from autograder.nbgrader.pairs import pair_submissions
from autograder.spec import find_course


class Collect(ExchangeCollect):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's own, which leaves what students handed in as it is."""

    def copy_files(self) -> None:
        """Collect; then make what nbgrader needs to see the ones that handed in a script."""
        super().copy_files()
        course = find_course(Path(self.coursedir.root))
        pair_submissions(course, course.root / self.coursedir.submitted_directory)
