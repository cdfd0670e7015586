"""The text of one student's feedback: the final grade, then every exercise. Pure."""

from __future__ import annotations

import hashlib
import re

import msgspec

from autograder import escape
from autograder.gradebook.final import FinalExercise, FinalGrade
from autograder.messages import _
from autograder.outputs.exports.model import in_points, points_text
from autograder.outputs.feedback import MOST_PICTURES, exercise_title, feedback_on
from autograder.outputs.github_markdown import github_text
from autograder.report import StudentView
from autograder.report.student_view import ExerciseView
from autograder.spec import AssignmentSpec

LONGEST_BODY = 60_000  # characters; GitHub's own limit is 65,536
_LONGEST_TITLE = 120  # characters
# A student's code decides how many there are; what the checks found must not be cut for them.
_MOST_REMARKS = 10
_LONGEST_REMARK = 200  # characters
_MARKER = re.compile(r"<!-- autograder:feedback (\S{1,100}) ([0-9a-f]{32}) -->(?:\r?\n|\Z)")


class Feedback(msgspec.Struct, frozen=True):
    """What is put on GitHub for one student; the first line of ``body`` is the marker."""

    title: str
    body: str


class Marker(msgspec.Struct, frozen=True):
    """What the first line of a feedback says of it: the assignment, and whose it is."""

    assignment: str
    whose: str  # a hash, so that no name stands there


def marker_for(course_id: str, assignment: str, student: str) -> Marker:
    """The marker of a student's feedback, the same on every run."""
    named = msgspec.json.encode([course_id, assignment, student])
    return Marker(assignment, hashlib.sha256(named).hexdigest()[:32])


def marker_of(body: str) -> Marker | None:
    """The marker that ``body`` begins with, None where there is none."""
    found = _MARKER.match(body)
    return None if found is None else Marker(found[1], found[2])


def body_sha256(body: str) -> str:
    """A hash of the text alone, whatever a server made of its line ends."""
    lines = body.replace("\r\n", "\n").strip().split("\n")
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()


def feedback_for(
    grade: FinalGrade, view: StudentView, spec: AssignmentSpec, marker: Marker
) -> Feedback:
    """The feedback on a final grade, in the language in force.

    Args:
        grade: Graded; with a score.
        view: What its student may see of the report.
        spec: The assignment, with titles as students read them.
        marker: What the feedback is found by.
    """
    title = _("Feedback: {title}").format(title=spec.title)
    blocks = [
        f"# {github_text(spec.title)}",
        _total(grade),
        *_notes(grade, view),
        _table(grade, spec),
        *_remarks(view),
    ]
    finals = {one.name: one for one in grade.exercises}
    pictures = iter(range(MOST_PICTURES))
    for exercise in view.exercises:
        final = finals.get(exercise.name)
        head = github_text(exercise_title(exercise, spec))
        max_score = exercise.max_score if final is None else final.max_score
        blocks.append(f"### {head}: {_points(_score(exercise, final))} / {_points(max_score)}")
        blocks += _by_hand(exercise, final)
        blocks += feedback_on(exercise, view, spec, pictures)
    blocks.append(_("Where something here seems wrong to you, ask your instructor."))
    first = f"<!-- autograder:feedback {marker.assignment} {marker.whose} -->"
    return Feedback(_cut_title(title), f"{first}\n" + _joined(blocks, LONGEST_BODY - len(first)))


def _total(grade: FinalGrade) -> str:
    return "**{}**".format(
        _("Final grade: {score} of {max_score} points").format(
            score=_points(grade.score), max_score=_points(grade.max_score)
        )
    )


def _notes(grade: FinalGrade, view: StudentView) -> list[str]:
    """A sentence each on how the grade came about."""
    notes = []
    if grade.late_penalty:
        notes.append(
            _(
                "The exercises come to {raw} of {max_score} points; {penalty} of them are taken "
                "off, since it was handed in late."
            ).format(
                raw=_points(grade.raw_score),
                max_score=_points(grade.max_score),
                penalty=_points(grade.late_penalty),
            )
        )
    if view.score is None:
        notes.append(
            _(
                "The automatic grading came to no result. Your instructor has given the points of "
                "what it could not grade."
            )
        )
    elif grade.raw_score is not None and grade.raw_score != view.score:
        notes.append(
            _(
                "The automatic result was {score} of {max_score} points; your instructor changed "
                "it, or gave extra credit."
            ).format(score=_points(view.score), max_score=_points(view.max_score))
        )
    return notes


def _table(grade: FinalGrade, spec: AssignmentSpec) -> str:
    titles = {one.name: one.title for one in spec.exercises}
    rows = [
        f"| {github_text(titles.get(one.name) or one.title or one.name)} "
        f"| {_points(one.score)} / {_points(one.max_score)} |"
        for one in grade.exercises
    ]
    head = [f"| {_('exercise')} | {_('points')} |", "|:--|--:|"]
    return "\n".join([*head, *rows])


def _remarks(view: StudentView) -> list[str]:
    if not view.remarks:
        return []
    lines = []
    for text in view.remarks[:_MOST_REMARKS]:
        line = " ".join(text.split())
        cut = line if len(line) <= _LONGEST_REMARK else line[:_LONGEST_REMARK] + "…"
        lines.append(f"- {github_text(cut)}")
    if len(view.remarks) > _MOST_REMARKS:
        lines.append(_("- and {count} more").format(count=len(view.remarks) - _MOST_REMARKS))
    return ["### " + _("About this submission") + "\n\n" + "\n".join(lines)]


def _score(exercise: ExerciseView, final: FinalExercise | None) -> float | None:
    return exercise.score if final is None else final.score


def _by_hand(exercise: ExerciseView, final: FinalExercise | None) -> list[str]:
    """Where a person gave or took points of an exercise, that, and what the checks alone gave."""
    if final is None or final.score is None or final.score == exercise.score:
        return []
    if exercise.score is None:
        text = _("Your instructor has given {score} of {max_score} points.")
        return [text.format(score=_points(final.score), max_score=_points(final.max_score))]
    return [
        _(
            "Your instructor has given {score} of {max_score} points here; the automatic result "
            "was {automatic}."
        ).format(
            score=_points(final.score),
            max_score=_points(final.max_score),
            automatic=_points(exercise.score),
        )
    ]


def _joined(blocks: list[str], most: int) -> str:
    """As many of ``blocks`` as fit, and a sentence where the rest is left out."""
    whole = "\n\n".join(blocks) + "\n"
    if len(whole) <= most:
        return whole
    cut = _("The rest is too long for here and is left out; ask your instructor for it.")
    room = most - len(cut) - 4
    kept: list[str] = []
    for block in blocks:
        room -= len(block) + 2
        if room < 0:
            break
        kept.append(block)
    return "\n\n".join([*kept, cut]) + "\n"


def _cut_title(title: str) -> str:
    title = " ".join(escape.one_line(title).split())
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE] + "…"


def _points(value: float | None) -> str:
    return "–" if value is None else points_text(in_points(value))
