"""``nbgrader collect``, and formgrader's button for it, with what our grading needs beside it."""

from __future__ import annotations

import datetime
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect

from autograder.nbgrader.pairs import pair_submissions
from autograder.spec import find_course
from autograder.submission import on_time_folder


class Collect(ExchangeCollect):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's own, which leaves what students handed in as it is."""

    def copy_files(self) -> None:
        """Collect; keep what was handed in on time by who was late; pair scripts with notebooks."""
        super().copy_files()
        course = find_course(Path(self.coursedir.root))
        submitted = course.root / self.coursedir.submitted_directory
        if self.duedate is not None:
            self._keep_versions_on_time(on_time_folder(submitted))
        pair_submissions(course, submitted)

    def _keep_versions_on_time(self, folder: Path) -> None:
        """Copy, of each student whose last version is late, the last one that was not."""
        handed_in: dict[str, list[dict[str, Any]]] = defaultdict(list)
        name = self.coursedir.assignment_id
        for path in Path(self.inbound_path).glob(f"*+{name}+*"):
            record = self._path_to_record(str(path))
            handed_in[record["username"]].append(record)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            for student in [record["username"] for record in self.src_records]:
                deadline = self.duedate + _extension(gradebook, name, student)
                records = self._sort_by_timestamp(handed_in[student])
                in_time = [record for record in records if record["timestamp"] <= deadline]
                place = folder / student / name
                if place.is_dir():
                    shutil.rmtree(place)
                if in_time and in_time[0] != records[0]:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    self.do_copy(str(Path(self.inbound_path, in_time[0]["filename"])), str(place))


def _extension(gradebook: Any, assignment: str, student: str) -> datetime.timedelta:
    try:
        extension = gradebook.find_submission(assignment, student).extension
    except MissingEntry:
        extension = None
    return extension or datetime.timedelta()
