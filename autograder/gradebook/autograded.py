"""autograded/: the notebook that formgrader shows and nbgrader's feedback is made of, per student.

nbgrader copies what lies in these folders to students, so of ours there are only the notebook and
the two files of the exchange, and nothing in them that a student may not read.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import tempfile
import textwrap
from pathlib import Path

import msgspec

from autograder import escape
from autograder.errors import OperatorError, SubmissionError
from autograder.gradebook.handed_in_notebook import (
    Node,
    Piece,
    grade_id_of,
    in_released_frame,
    is_graded,
    pieces_of,
    read_notebook,
)
from autograder.messages import _
from autograder.report import Outcome, Report, student_view
from autograder.report.student_view import CheckView, ExerciseView, StudentView
from autograder.spec import AssignmentSpec, Course
from autograder.submission import on_time_folder, read_regular_file

# Beside a submission: when it was handed in, and by what its feedback is found again.
OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
_MAX_EXCHANGE_BYTES = 2**16
_LINE = 92  # characters that fit into formgrader's column
_STAMP = "autograder_made_from"  # in the notebook's metadata


class Autograded:
    """Writes the notebooks of one assignment into ``output/autograded``.

    Args:
        course: Whose release the notebooks are shown in.
        spec: The assignment.
        folder: Where the submissions are.
        output: The course root for everything written.
    """

    def __init__(self, course: Course, spec: AssignmentSpec, folder: Path, output: Path) -> None:
        self._spec = spec
        self._folder = folder
        self._output = output
        self._titles = {exercise.name: exercise.title for exercise in spec.exercises}
        paths = (folder / f"{spec.name}.ipynb" for folder in course.releases(spec.name).values())
        self._released = [read_notebook(path) for path in paths if path.is_file()]
        self._stamp = hashlib.sha256(json.dumps(self._released).encode()).digest()

    def notebook(self, report: Report) -> Node:
        """What ``report`` is about, with the results in its grade cells; version 4.5."""
        return self._notebook(report, self._graded_file(report))

    def write(self, report: Report) -> None:
        """Have the notebook in its place; what is right already is left alone.

        Raises OperatorError where it cannot be written.
        """
        if not self._released:
            return  # a course that releases a script alone has nothing for formgrader
        data = self._graded_file(report)
        stamp = self._made_from(report, data)
        folder = self._output / "autograded" / report.student / report.assignment
        path = folder / f"{self._spec.name}.ipynb"
        try:
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                if f'"{_STAMP}": "{stamp}"'.encode() in path.read_bytes():
                    return
            notebook = self._notebook(report, data)
            notebook["metadata"][_STAMP] = stamp
            folder.mkdir(parents=True, exist_ok=True)
            for name in OF_THE_EXCHANGE:
                self._copy(report, name, folder / name)
            replace_whole(path, notebook_bytes(notebook))
        except OSError as error:
            raise OperatorError(
                _(
                    "{path}: cannot be written: {why}\n  fix: free the disk or make the folder "
                    "writable, then run the same command again"
                ).format(path=path, why=error.strerror)
            ) from error

    def _notebook(self, report: Report, data: bytes | None) -> Node:
        pieces: list[Piece] = []
        if data is not None and report.submission.file is not None:
            with contextlib.suppress(SubmissionError):  # then there is a report that says so
                pieces = pieces_of(report.submission.file, data)
        sources = {piece.source for piece in pieces}

        def shared(released: Node) -> int:
            return sum(cell["source"] in sources for cell in released["cells"])

        frame = max(self._released, key=shared)  # in the language it was written in
        return with_results(in_released_frame(frame, pieces), student_view(report), self._titles)

    def _graded_file(self, report: Report) -> bytes | None:
        """The bytes that were graded; None where they are there no longer."""
        file = report.submission.file
        if file is None:
            return None
        parts = (report.student, report.assignment, file)
        is_earlier = report.submission.on_time_version
        folder = on_time_folder(self._folder) if is_earlier else self._folder
        try:
            data = read_regular_file(folder, parts, self._spec.limits.file_bytes)
        except (OSError, SubmissionError):
            return None
        return data if hashlib.sha256(data).hexdigest() == report.submission.sha256 else None

    def _made_from(self, report: Report, data: bytes | None) -> str:
        digest = hashlib.sha256(self._stamp)
        digest.update(msgspec.json.encode(student_view(report)))
        digest.update(_("passed").encode())  # in another language it is another notebook
        digest.update(b"" if data is None else data)
        for name in OF_THE_EXCHANGE:
            digest.update(self._beside(report, name) or b"")
        return digest.hexdigest()

    def _copy(self, report: Report, name: str, target: Path) -> None:
        data = self._beside(report, name)
        if data is None:
            _make_room(target)
            target.unlink(missing_ok=True)
        else:
            replace_whole(target, data)

    def _beside(self, report: Report, name: str) -> bytes | None:
        with contextlib.suppress(OSError, SubmissionError):
            return read_regular_file(
                self._folder, (report.student, report.assignment, name), _MAX_EXCHANGE_BYTES
            )
        return None


def with_results(notebook: Node, view: StudentView, titles: dict[str, str]) -> Node:
    """``notebook`` with what each exercise earned as the output of its grade cell.

    nbgrader takes a grade cell's points from its outputs and gives full points where it finds none
    it can read: so the first thing in a cell is an error, which is worth nothing, and it gives way
    to a number from 0 to the points alone.
    """
    exercises = {exercise.name: exercise for exercise in view.exercises}
    sentences = {one.name: (one.sentence, one.read_on) for one in view.misconceptions}
    graded = [cell for cell in notebook["cells"] if is_graded(cell)]
    for count, cell in enumerate(graded, start=1):
        cell["outputs"] = [_not_scored()]
        cell["execution_count"] = count
        exercise = exercises.get(grade_id_of(cell) or "")
        if exercise is None:
            continue
        text = _text_of(exercise, titles.get(exercise.name, exercise.name), sentences)
        told = {"output_type": "stream", "name": "stdout", "text": text}
        if exercise.score is None:
            cell["outputs"] = [_not_scored(), told]
            continue
        points = max(0, min(int(exercise.score), exercise.max_score))
        cell["outputs"] = [
            told,
            {
                "output_type": "execute_result",
                "execution_count": count,
                "data": {"text/plain": str(points)},
                "metadata": {},
            },
        ]
    if said := _remarks(view):
        notebook["cells"].insert(0, said)
    return notebook


def notebook_bytes(notebook: Node) -> bytes:
    """The file of a notebook, laid out as Jupyter does."""
    # Five times as fast as json, and everything in it can be encoded by now.
    return msgspec.json.format(msgspec.json.encode(notebook, order="sorted"), indent=1) + b"\n"


def _not_scored() -> Node:
    return {
        "output_type": "error",
        "ename": _("not scored"),
        "evalue": _("there is no result for this exercise"),
        "traceback": [_("There is no result for this exercise; your instructor has been told.")],
    }


def _remarks(view: StudentView) -> Node | None:
    """What is to be said of the submission as a whole, as the first cell."""
    said = [escape.markdown(remark) for remark in view.remarks]
    if view.late_penalty:
        said.append(
            _("Handed in late: {points:g} points are taken off the sum.").format(
                points=view.late_penalty
            )
        )
    if not said:
        return None
    lines = [_("**About this submission**"), "", *(f"- {one}" for one in said)]
    return {
        "cell_type": "markdown",
        "id": "about-this-submission",
        "metadata": {},
        "source": "\n".join(lines),
    }


def _text_of(exercise: ExerciseView, title: str, sentences: dict[str, tuple[str, str]]) -> str:
    score = "–" if exercise.score is None else str(exercise.score)
    head = _("{title}: {score} of {max_score} points, by the checks").format(
        title=title, score=score, max_score=exercise.max_score
    )
    named = {check.misconception for check in exercise.checks if check.misconception}
    lines = [head]
    for name in sorted(named & sentences.keys()):
        sentence, read_on = sentences[name]
        lines += ["", *_wrapped(sentence), *_wrapped(_("Read on: {place}").format(place=read_on))]
    blocks = [[], *map(_lines_of, exercise.checks)]
    for before, block in itertools.pairwise(blocks):
        is_list = 0 < len(before) <= 2 and len(block) <= 2
        lines += block if is_list else ["", *block]
    return escape.lines("\n".join(lines)) + "\n"


def _lines_of(check: CheckView) -> list[str]:
    words = {
        Outcome.PASSED: _("passed"),
        Outcome.FAILED: _("failed"),
        Outcome.ERRORED: _("not scored"),
    }
    word = _("does not count") if check.void else words[check.outcome]
    score = "–" if check.score is None else str(check.score)
    lines = _wrapped(
        _("{word}, {score} of {max_score}: {title}").format(
            word=word, score=score, max_score=check.max_score, title=check.title
        ),
        then="  ",
    )
    if check.carried_forward:
        lines.append("  " + _("with a right answer in the place of what it depends on"))
    if check.outcome is not Outcome.PASSED or check.void:
        lines += [f"  {line}" for line in check.message.splitlines()]
    if check.hint:
        lines += _wrapped(_("hint: {hint}").format(hint=check.hint), "  ", "  ")
    return lines


def _wrapped(sentence: str, first: str = "", then: str = "") -> list[str]:
    """In lines that begin with ``first`` and ``then``: no page that shows an output breaks them."""
    return textwrap.wrap(
        sentence, _LINE, initial_indent=first, subsequent_indent=then, break_on_hyphens=False
    )


def replace_whole(path: Path, data: bytes) -> None:
    """Put ``data`` there whole or not at all, also over a file that nbgrader made read-only."""
    _make_room(path)
    with tempfile.NamedTemporaryFile(dir=path.parent.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.close()
            Path(file.name).chmod(0o644 & ~_umask())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _make_room(path: Path) -> None:
    """Remove a folder of the name of a file: nbgrader copies what students hand in."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
