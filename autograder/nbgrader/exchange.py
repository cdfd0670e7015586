"""Two ways of the exchange, by command and by formgrader's buttons: collecting and feedback."""

from __future__ import annotations

import datetime
import glob
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback

from autograder import escape
from autograder.gradebook.autograded import OF_THE_EXCHANGE
from autograder.messages import _
from autograder.nbgrader.pairs import pair_submissions
from autograder.spec import find_course
from autograder.submission import is_student_id, on_time_folder


class Collect(ExchangeCollect):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's own, which leaves what students handed in as it is."""

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """What there is to collect, of students alone: nbgrader shows these names as they are."""
        super().init_src()
        collected = []
        for record in self.src_records:
            if is_student_id(record["username"]):
                collected.append(record)
            else:
                self.log.warning(
                    _("{name}: is no student id, and is not collected").format(
                        name=escape.one_line(record["filename"])
                    )
                )
        self.src_records = collected

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy what is a file or a folder: a link would bring in what the instructor can read."""
        others = [path for path in Path(src).rglob("*") if not _is_plain(path)]
        if not _is_plain(Path(src)):
            others = [Path(src)]
        for path in others:
            self.log.warning(
                _("{path}: is a link or no file, and is not collected").format(
                    path=escape.one_line(path)
                )
            )
        if others == [Path(src)]:
            return
        before = self.coursedir.ignore
        self.coursedir.ignore = [*before, *(glob.escape(path.name) for path in others)]
        try:
            super().do_copy(src, dest, log)
        finally:
            self.coursedir.ignore = before

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


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's own, which stops at the first student whose work did not come by the exchange."""

    def copy_files(self) -> None:
        """Release to those whom the exchange can reach, and say who is left."""
        left = {
            Path(page).parent.name: page
            for page in sorted(glob.glob(self.src_path))  # as nbgrader does  # noqa: PTH207
            if not all(Path(page, name).is_file() for name in OF_THE_EXCHANGE)
        }
        for student, page in left.items():
            self.log.warning(
                _(
                    "{student}: did not hand in through the exchange, so nothing can be fetched\n"
                    "  fix: give out what is in {folder} in another way"
                ).format(student=escape.one_line(student), folder=escape.one_line(page))
            )
        excluded = self.coursedir.student_id_exclude
        self.coursedir.student_id_exclude = ",".join([*filter(None, [excluded]), *left])
        super().copy_files()


def _is_plain(path: Path) -> bool:
    return not path.is_symlink() and (path.is_dir() or path.is_file())


def _extension(gradebook: Any, assignment: str, student: str) -> datetime.timedelta:
    try:
        extension = gradebook.find_submission(assignment, student).extension
    except MissingEntry:
        extension = None
    return extension or datetime.timedelta()
