"""A class's feedback from start to end: who gets what where, looked at, and done when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder.classroom.collected import Collection, read_collection
from autograder.classroom.publishing.body import marker_for
from autograder.classroom.publishing.gh import Gh
from autograder.classroom.publishing.github import GitHub
from autograder.classroom.publishing.pace import Clock, Pace, WallClock
from autograder.classroom.publishing.prepared import body_folder, prepare, write_bodies
from autograder.classroom.publishing.publish import Publisher, Step
from autograder.classroom.publishing.published import Kind, opened_journal
from autograder.classroom.publishing.targets import Stopped, Target, refuse_changes, targets_of
from autograder.errors import OperatorError
from autograder.gradebook.final import FinalGrade
from autograder.messages import _
from autograder.spec import Course

_SAID_EVERY = 20  # students


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    kind: Kind = "issue"
    students: frozenset[str] = frozenset()  # only these; all where it is empty
    accept_mapping: bool = False  # somebody has looked at what changed
    is_done: bool = False  # not only looked at


class Told(msgspec.Struct, frozen=True):
    """What came of it, for each student."""

    steps: tuple[Step, ...]
    missing: tuple[str, ...]  # who handed in nothing, and is told nothing
    bodies: Path  # the folder with what is published

    @property
    def stopped(self) -> tuple[Step, ...]:
        """Those for whom a person has to do something."""
        return tuple(step for step in self.steps if step.action == "stopped")


def publish_class(
    course: Course,
    assignment: str,
    folder: Path,
    output: Path,
    grades: Sequence[FinalGrade],
    wanted: Wanted,
    connect: Callable[[], Gh],
    *,
    clock: Clock | None = None,
    tell: Callable[[Step], None] = lambda step: None,
    say: Callable[[str], None] = lambda text: None,
) -> Told:
    """What was done, or with nothing asked for is to be done, for each student.

    Args:
        course: Its id, and the language of its students.
        assignment: Its name.
        folder: What was collected.
        output: The course root with the reports; what was published is kept there.
        grades: Of the class.
        wanted: What is asked for.
        connect: Gives what asks GitHub, once there is something to ask.
        clock: For waiting.
        tell: Hears of each student as soon as it is known.
        say: Hears why it takes long.

    Raises OperatorError where nothing at all may be published, or nothing more.
    """
    collection = _collected(folder, assignment, wanted.students)
    everybody = {one.student for one in collection.collected}
    chosen = wanted.students or everybody
    targets = targets_of(collection)
    markers = {one: marker_for(course.spec.course_id, assignment, one) for one in everybody}
    bodies = body_folder(output, assignment)
    with opened_journal(output, assignment, wanted.kind, is_written=wanted.is_done) as journal:
        accepted = refuse_changes(collection, journal, wanted.accept_mapping)
        prepared = prepare(
            course.assignment(assignment),
            output,
            grades,
            [one for one in targets.targets if one.student in chosen],
            markers,
        )
        write_bodies(bodies, prepared.feedbacks)
        stopped = [one for one in (*targets.stopped, *prepared.stopped) if one.student in chosen]
        if not wanted.students:
            stopped += _not_collected(grades, everybody)
        steps = [
            Step(Target(one.student, one.repository, ""), "stopped", one.why) for one in stopped
        ]
        for step in steps:
            tell(step)
        if prepared.feedbacks:
            pace = Pace(clock or WallClock(), say)
            publisher = Publisher(
                GitHub(connect(), pace), pace, journal, wanted.kind, targets, markers,
                accepted, wanted.accept_mapping,
            )  # fmt: skip
            planned = publisher.plan(
                prepared.feedbacks, lambda count: _say_where(count, len(prepared.feedbacks), say)
            )
            if wanted.is_done:
                planned = publisher.perform(planned, prepared.feedbacks, tell)
            else:
                for step in planned:
                    tell(step)
            steps += planned
    return Told(tuple(steps), prepared.missing, bodies)


def _say_where(count: int, total: int, say: Callable[[str], None]) -> None:
    """Now and then, how far it is: each student takes GitHub a second or two."""
    if count % _SAID_EVERY == 0 and count < total:
        say(_("looked at {count} of {total}").format(count=count, total=total))


def _collected(folder: Path, assignment: str, students: frozenset[str]) -> Collection:
    collection = read_collection(folder, assignment)
    if collection is None or collection.assignment != assignment:
        raise OperatorError(
            _(
                "{folder}: it is not known whose repository is whose\n  fix: collect the work "
                "with autograder collect, which keeps that beside it"
            ).format(folder=folder)
        )
    known = {one.student for one in collection.collected}
    if unknown := sorted(students - known):
        raise OperatorError(
            _("{folder}: nothing was collected of {names}\n  fix: a folder's name there").format(
                folder=folder, names=", ".join(unknown)
            )
        )
    return collection


def _not_collected(grades: Sequence[FinalGrade], everybody: set[str]) -> list[Stopped]:
    """Those who have a grade to be told, and no repository to tell it in."""
    why = _("graded, and not collected from anywhere")
    return [
        Stopped(grade.student, why)
        for grade in grades
        if grade.status != "missing" and grade.student not in everybody
    ]
