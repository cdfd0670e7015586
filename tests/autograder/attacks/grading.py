"""Grades hostile submissions in one real sandbox, an honest neighbour after each.

``python -m tests.autograder.attacks.grading RESULTS`` in a course copy. A program of its own,
because it stands for the grader: an attack that ends it must not end the tests. RESULTS gets a
JSON line for each attack at once, and one at the end of each combination of layers.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from autograder.errors import SandboxError
from autograder.grading.bench import hidden_files
from autograder.grading.grade import Bench, grade_one
from autograder.grading.run import released_forms
from autograder.grading.secret import course_secret
from autograder.grading.session import Runner, run_session
from autograder.report import Outcome, Provenance, Report, encode_report, student_view
from autograder.sandbox.combinations import COMBINATIONS
from autograder.sandbox.host import Sandbox
from autograder.spec import AssignmentSpec, Course, Limits, find_course
from autograder.submission import read_submission
from tests.autograder.attacks import host_state
from tests.autograder.attacks.course_copy import NEIGHBOUR
from tests.autograder.attacks.hostile import Attack, find_attacks, labelled
from tests.autograder.attacks.results import Finished, Graded, Refused

ASSIGNMENT = "convolutions"
STRONGEST = "strongest"  # whatever grading takes here by itself
CONTROL = "control/a-hole"  # the attack that must be reported as a hole
# So short that an endless loop takes no time. Neighbours have the assignment's own.
SHORT = Limits(
    statement_cpu_seconds=0.3,
    check_cpu_seconds=0.3,
    wall_factor=3.0,
    memory_mib=512,
    scratch_mib=2,
)
_NO_LABEL = b"# wants: nothing\n# honest: nothing\n"


def main() -> None:
    """Read the command line, grade in each combination, write RESULTS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--combinations", nargs="+", default=[STRONGEST])
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--neighbour-every", type=int, default=1)
    options = parser.parse_args()
    host_state.adopt_orphans()
    course = find_course(Path.cwd())
    attacks = find_attacks(course.root / "tests" / "submissions" / ASSIGNMENT / "hostile")
    attacks += [successful_by_construction()]
    if options.only:
        attacks = [attack for attack in attacks if attack.id in options.only]
    with options.results.open("wb") as results:
        for combination in options.combinations:
            grading = _Grading(course, combination, results, options.neighbour_every)
            grading.write(grading.end(attacks))


class _Grading:
    """One session: a sandbox, its checks, and the neighbour's report from before any attack."""

    def __init__(
        self, course: Course, combination: str, results: BinaryIO, neighbour_every: int
    ) -> None:
        self._course = course
        self._own = course.root.parent
        self._combination = combination
        self._results = results
        self._neighbour_every = neighbour_every
        self._released = released_forms(course, ASSIGNMENT)
        self._layers: tuple[str, ...] = ()
        self._started: frozenset[int] = frozenset()  # processes, by the sandbox itself
        self._neighbour_points: int | None = None

    def write(self, line: Graded | Finished | Refused) -> None:
        """One line of results, there even if the next attack ends this process."""
        self._results.write(msgspec.json.encode(line) + b"\n")
        self._results.flush()

    def end(self, attacks: Sequence[Attack]) -> Finished | Refused:
        """Grade ``attacks``; what came of the whole."""
        start = time.monotonic()
        before = host_state.look(self._own)
        try:
            self._run(attacks)
        except SandboxError as error:
            if self._layers:  # it was there, and broke
                raise
            return Refused(self._combination, str(error))
        return Finished(
            combination=self._combination,
            layers=self._layers,
            uid=os.getuid(),
            neighbour_points=self._neighbour_points,
            left=tuple(host_state.settled(before, self._own, self._started)),
            seconds=round(time.monotonic() - start, 2),
        )

    def _run(self, attacks: Sequence[Attack]) -> None:
        course, real = self._course, self._course.assignment(ASSIGNMENT)
        secret = course_secret(course.root)
        short = msgspec.structs.replace(real, limits=SHORT)

        def grade_all(runner: Runner) -> None:
            with self._open_sandbox(short) as sandbox:
                self._layers = sandbox.layers
                strict = Bench(short, runner, sandbox, secret, _provenance(sandbox))
                self._grade(attacks, strict, msgspec.structs.replace(strict, spec=real))

        visible, hidden = course.visible_checks(ASSIGNMENT), course.hidden_checks(ASSIGNMENT)
        run_session(visible, hidden, real, grade_all)

    def _grade(self, attacks: Sequence[Attack], strict: Bench, patient: Bench) -> None:
        neighbour = labelled("control", "neighbour.py", NEIGHBOUR.read_bytes(), _NO_LABEL)
        usual = self._report(neighbour, patient)
        self._neighbour_points = usual.score
        self._report(neighbour, patient)  # now everything is made that is made once
        before = host_state.look_when_quiet(self._own)
        self._started = host_state.children()
        for number, attack in enumerate(attacks, start=1):
            start = time.monotonic()
            report = self._report(attack, strict)
            seconds = time.monotonic() - start
            unlike: tuple[str, ...] = ()
            if number % self._neighbour_every == 0 or number == len(attacks):
                unlike = tuple(_unlike(usual, self._report(neighbour, patient)))
            self.write(
                Graded(
                    combination=self._combination,
                    id=attack.id,
                    scores={e.name: e.score for e in report.exercises},
                    unreadable=report.submission.file is None,
                    errored=_errored(report),
                    leaked=tuple(_leaked(attack, report)),
                    said=_said(report),
                    neighbour=unlike,
                    host=tuple(host_state.settled(before, self._own, self._started)),
                    seconds=round(seconds, 3),
                )
            )

    def _open_sandbox(self, spec: AssignmentSpec) -> Sandbox:
        hidden = hidden_files(self._course, ASSIGNMENT)
        if self._combination == STRONGEST:
            return Sandbox(spec, hidden)
        named = {one.name: one for one in COMBINATIONS}
        return Sandbox(spec, hidden, named[self._combination])

    def _report(self, attack: Attack, bench: Bench) -> Report:
        with tempfile.TemporaryDirectory(prefix="class-") as folder:
            place = Path(folder, attack.student, ASSIGNMENT)
            place.mkdir(parents=True)
            (place / f"{ASSIGNMENT}{attack.suffix}").write_bytes(self._told(attack.data))
            submission = read_submission(
                Path(folder),
                attack.student,
                ASSIGNMENT,
                self._released,
                bench.spec.limits.file_bytes,
            )
            return grade_one(submission, bench)

    def _told(self, data: bytes) -> bytes:
        """An attacker who knows this machine: where the course is, and the grader's number."""
        told = data.replace(b"@COURSE@", str(self._course.root).encode())
        return told.replace(b"@GRADER@", str(os.getpid()).encode())


def successful_by_construction() -> Attack:
    """Right answers under a label that allows none: what a hole looks like in the results."""
    label = b"# wants: to show that the tests would see a hole\n# honest: nothing\n"
    return labelled("control", "a-hole.py", NEIGHBOUR.read_bytes(), label)


def _provenance(sandbox: Sandbox) -> Provenance:
    return Provenance(
        grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="", torch="0",
        python="0", sandbox_layers=sandbox.layers, graded_at="",
    )  # fmt: skip


def _errored(report: Report) -> tuple[str, ...]:
    return tuple(
        f"{check.name}: {check.detail}"
        for exercise in report.exercises
        for check in exercise.checks
        if check.outcome is Outcome.ERRORED
    )


def _leaked(attack: Attack, report: Report) -> Iterator[str]:
    """What the student sees and the pattern finds: the attack made it from a hidden input."""
    view = student_view(report)
    checks = [check for exercise in view.exercises for check in exercise.checks]
    for text in (*view.remarks, *(c.message for c in checks), *(c.hint for c in checks)):
        if attack.leaks is not None and re.search(attack.leaks, str(text)):
            yield str(text)[:300]


def _said(report: Report) -> tuple[str, ...]:
    remarks = [remark.text for remark in report.remarks]
    details = [
        check.detail[-500:]
        for exercise in report.exercises
        for check in exercise.checks
        if check.outcome is Outcome.FAILED
    ]
    return (*remarks, *dict.fromkeys(details))


def _unlike(usual: Report, now: Report) -> Iterator[str]:
    """Where two reports on one submission differ, but for when they were made and how fast."""
    one, other = _lines(usual), _lines(now)
    for line in difflib.unified_diff(one, other, "before", "after", lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _lines(report: Report) -> list[str]:
    provenance = msgspec.structs.replace(report.provenance, graded_at="")
    timeless = msgspec.structs.replace(report, duration_seconds=0.0, provenance=provenance)
    return encode_report(timeless).decode().splitlines()


if __name__ == "__main__":
    main()
