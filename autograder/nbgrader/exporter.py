"""What ``nbgrader autograde`` opens in the place of a notebook that a student handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter

from autograder.spec import find_course


class ReleasedNotebook(NotebookExporter):
    """Opens the released notebook; the student's cells come with their results.

    A cell that was doubled, removed or changed stops nbgrader's own steps, or the whole class, and
    so does a file that is none of the format. `GradeInSandbox` shows what was graded in its place.
    """

    def from_filename(
        self, filename: str, resources: Any = None, **options: Any
    ) -> tuple[Any, Any]:
        """As nbconvert's own, of the release of what nbgrader says that it grades."""
        course = find_course(Path(self.parent.coursedir.root))  # type: ignore[union-attr]
        name = resources["nbgrader"]["assignment"]
        if name in course.assignments():
            filename = str(course.release(name) / f"{name}.ipynb")
        opened: tuple[Any, Any] = super().from_filename(filename, resources, **options)
        return opened
