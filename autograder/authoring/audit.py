"""The audit: the checks of an assignment graded on submissions whose worth is known.

All of it runs in the sandbox, as students' files do, shared out to a process for each processor.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from autograder.authoring.declared import declared_checks
from autograder.authoring.judgement import Audit, CheckRun, Kind, Run, judge
from autograder.authoring.labelled import Label, labelled_submissions, solution_cells
from autograder.authoring.mutants import Mutant, known_equivalents, mutants_of
from autograder.errors import AuthorError, OperatorError
from autograder.grading.bench import with_bench
from autograder.grading.exits import raise_what_it_said
from autograder.grading.grade import Bench, grade_one
from autograder.messages import _
from autograder.misconceptions import read_misconceptions
from autograder.report import Outcome, Report
from autograder.spec import Course
from autograder.submission import Cell, Form, Submission

Progress = Callable[[int, int, str], None]  # done, total, what was just graded


class Told(msgspec.Struct, frozen=True):
    """What a worker says: one run, and how many there are in all."""

    run: Run
    total: int


def audit_assignment(
    course: Course,
    assignment: str,
    *,
    at_most_mutants: int | None = None,
    seeds: int = 1,
    without: Sequence[str] = (),
    progress: Progress = lambda done, total, name: None,
) -> Audit:
    """Grade every labelled submission and the mutants of the solution, and judge the checks.

    ``without`` are checks that are left out of the judgement, as if they had been turned off.
    With more than one of ``seeds`` labelled submissions are graded again, with other inputs and
    other random starts, and every check has to come to the same. One worker process for each
    processor grades its share.

    Raises AuthorError, OperatorError, SandboxError.
    """
    start = time.monotonic()
    checks = [
        found.name
        for folder in (course.visible_checks(assignment), course.hidden_checks(assignment))
        for found in declared_checks(folder)
    ]
    if unknown := sorted(set(without) - set(checks)):
        raise AuthorError(
            _("there is no check {names}\n  fix: one of {known}").format(
                names=", ".join(unknown), known=", ".join(checks)
            )
        )
    _refuse_unknown_names(course, assignment)
    runs = _all_runs(course, assignment, at_most_mutants, seeds, progress)
    return judge(
        runs,
        checks,
        known_equivalents(course, assignment),
        whole=at_most_mutants is None,
        without=without,
        seconds=time.monotonic() - start,
    )


def _refuse_unknown_names(course: Course, assignment: str) -> None:
    """Refuse a label with a misconception that there is not. Raises AuthorError."""
    spec = course.assignment(assignment)
    known = [m.name for m in read_misconceptions(course.hidden_checks(assignment), spec).known]
    for one in labelled_submissions(course, assignment):
        if one.label and one.label.misconception not in (None, *known):
            raise AuthorError(
                _("{name}: there is no misconception {unknown!r}\n  fix: one of {known}").format(
                    name=one.name,
                    unknown=one.label.misconception,
                    known=", ".join([*sorted(known), "none"]),
                )
            )


def grade_share(
    course: Course,
    assignment: str,
    at_most_mutants: int | None,
    seeds: int,
    share: int,
    shares: int,
    each: Callable[[Run, int], None],
) -> None:
    """Grade every ``shares``-th of all there is to grade, from ``share`` on.

    ``each`` gets a run, and how many there are in all shares together.
    """
    spec = course.assignment(assignment)
    labelled = labelled_submissions(course, assignment)
    if not labelled:
        raise AuthorError(
            _("{folder}: there are no labelled submissions\n  fix: {fix}").format(
                folder=course.labelled(assignment),
                fix=_("put right answers into correct/ and wrong ones into wrong/"),
            )
        )
    solution = msgspec.structs.replace(
        labelled[0].form, cells=solution_cells(course, assignment), module=assignment
    )
    # Right code takes a small part of its time, and a mutant may well loop without end.
    cpu_seconds = spec.limits.check_cpu_seconds / 4
    limits = msgspec.structs.replace(spec.limits, check_cpu_seconds=cpu_seconds)
    short = msgspec.structs.replace(spec, limits=limits)

    work: list[tuple[str, Kind, Label | None, Form, bool]] = [
        (one.name, "wrong" if one.label else "right", one.label, one.form, False)
        for one in labelled
    ]
    work.append(("solution", "right", None, solution, True))
    work += [
        (mutant.name, "mutant", None, form, True)
        for mutant, form in _mutant_forms(solution, at_most_mutants)
    ]

    def grade_all(bench: Bench) -> None:
        hurried = msgspec.structs.replace(bench, spec=short, recogniser=None)
        for name, kind, label, form, hurry in work[share::shares]:
            run = _run(name, kind, label, grade_form(name, form, hurried if hurry else bench))
            if seeds > 1 and not hurry:
                run = msgspec.structs.replace(run, unsteady=_unsteady(run, form, bench, seeds))
            each(run, len(work))

    with_bench(course, spec, audit_secret(0), grade_all)


def _unsteady(run: Run, form: Form, bench: Bench, seeds: int) -> dict[str, int]:
    """The checks that with other seeds come to something else than in ``run``, and how often."""
    found: dict[str, int] = {}
    for seed in range(1, seeds):
        other = msgspec.structs.replace(bench, secret=audit_secret(seed), recogniser=None)
        again = _run(run.name, run.kind, run.label, grade_form(run.name, form, other))
        for name in again.failed() ^ run.failed():
            found[name] = found.get(name, 0) + 1
    return found


def _all_runs(
    course: Course, assignment: str, at_most_mutants: int | None, seeds: int, progress: Progress
) -> list[Run]:
    """The runs of all workers, in the order in which they come."""
    shares = os.cpu_count() or 1
    mutants = "all" if at_most_mutants is None else str(at_most_mutants)
    command = [sys.executable, "-P", "-m", "autograder.authoring.audit_worker", str(course.root)]
    runs: list[Run] = []
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        workers = []
        for share in range(shares):
            worker = subprocess.Popen(
                [*command, assignment, mutants, str(seeds), str(share), str(shares)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            stack.callback(_end, worker)
            workers.append(worker)
            selector.register(worker.stdout, selectors.EVENT_READ, worker)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _events in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if line:
                    one = msgspec.json.decode(line, type=Told)
                    runs.append(one.run)
                    progress(len(runs), one.total, one.run.name)
                else:
                    selector.unregister(key.fileobj)
                    _raise_what_it_met(key.data)
    return runs


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    worker.communicate()


def _raise_what_it_met(worker: subprocess.Popen[bytes]) -> None:
    said = worker.communicate()[1].decode(errors="replace").strip()
    raise_what_it_said(worker.returncode, said)
    if worker.returncode:
        raise OperatorError(
            _("an audit's process ended with {code}\n{said}\n  fix: run the command again").format(
                code=worker.returncode, said=said
            )
        )


def audit_secret(seed: int) -> bytes:
    """In the place of the course's own: an audit gives the same answer everywhere."""
    return hashlib.sha256(f"audit {seed}".encode()).digest()


def grade_form(name: str, form: Form, bench: Bench) -> Report:
    """The report on one form, as if a student called ``name`` had handed it in."""
    return grade_one(Submission(student=name, forms=(form,)), bench)


def _run(name: str, kind: Kind, label: Label | None, report: Report) -> Run:
    checks = {
        check.name: CheckRun(
            exercise.name,
            check.max_score - (check.score or 0),
            check.max_score,
            check.outcome is Outcome.ERRORED,
            check.misconception,
            check.detail,
        )
        for exercise in report.exercises
        for check in exercise.checks
    }
    return Run(name, kind, label, checks)


def _mutant_forms(solution: Form, at_most: int | None) -> list[tuple[Mutant, Form]]:
    """Each mutant with the solution's cells, its own in the place of the one it was made of."""
    own = [cell.source for cell in solution.cells if cell.name.startswith("<solution")]
    return [
        (mutant, msgspec.structs.replace(solution, cells=_with(mutant, solution.cells)))
        for mutant in (mutants_of(own, at_most) if at_most != 0 else ())
    ]


def _with(mutant: Mutant, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(
        msgspec.structs.replace(cell, source=mutant.source) if cell.source == mutant.of else cell
        for cell in cells
    )
