"""A made-up class of any size: the assignment's own checks, answered as students plausibly would.

Somebody's ability decides what is failed by chance, and a misconception what is failed by mistake.
The same seed makes the same class.
"""

from __future__ import annotations

import ast
import datetime
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.checks.declare import sentence
from autograder.report import (
    CheckResult,
    ExerciseResult,
    MisconceptionText,
    Outcome,
    Provenance,
    Remark,
    Report,
    SubmittedFile,
    Visibility,
)
from autograder.spec import AssignmentSpec, find_course
from tests.autograder.conftest import ROOT

COURSE = find_course(ROOT)
SPEC = COURSE.assignment("convolutions")
DEADLINE = datetime.datetime(2026, 10, 1, 21, 59, tzinfo=datetime.UTC)

# Name, what the class has to be told, how many of a hundred show it, which checks it fails.
_MISTAKES = (
    ("flipped-kernel", "True convolution: the kernel is flipped along both axes.", 9,
     r"worked_example|wide_image|any_kernel|tall_and_wide|single_row|an_edge_is|every_bar|bright_line"),
    ("gradient-accumulates", "The gradient is never cleared between epochs.", 8,
     r"losses|one_epoch|no_gradient|every_loss|larger_kernel|own_path|ten_epochs|as_many"),
    ("mean-loss", "The mean of the squared errors (also nn.MSELoss()) for their sum.", 6,
     r"losses|every_loss|summed_loss|ten_epochs|learned_from|larger|own_path|as_long"),
    ("one-place-short", "Off by one: H - h (or W - w) places in the place of H - h + 1.", 5,
     r"worked_example|wide_image|any_kernel|tall_and_wide|single_row|one_number|as_large|every_bar"),
    ("square-kernel-only", "One kernel size stands for both; right on square kernels.", 4,
     r"wide_image|tall_and_wide|single_row|shape_of_a_tuple"),
    ("same-padding", "Zero padding, mostly so that the result keeps the image's size.", 3,
     r"worked_example|wide_image|any_kernel|tall_and_wide|an_edge_is|every_bar|transposed"),
    ("bias-per-weight",
     "The bias has the kernel's shape, or that of a row or column of it.", 3,
     r"new_layer|bias"),
    ("normal-weights", "randn, or another normal draw, where rand is asked for.", 3, r"uniform"),
    ("graph-cut", "Right values, detached from X, from K or from both.", 2, r"gradients_reach"),
    ("contiguous-only", "view() or as_strided on tensors that are not contiguous.", 2,
     r"transposed_view|slice|transposed"),
    ("loss-after-step", "The loss is measured again after the step.", 2,
     r"losses|every_loss|as_many"),
)  # fmt: skip
_TURNED_ROUND = "test_the_layer_keeps_its_parameter"
_FAMILY = "Adeyemi Brandt Castillo Dubois Eriksen Fischer Garcia Hoang Ivanova Jansen Kim Li Moreau"
_GIVEN = "ada bo chen dina emil fatima goran hana ivan jun kofi lea mei noor omar priya zoë wei"


def made_class(
    count: int, seed: int = 6, say: Callable[[str], str] = lambda text: text
) -> list[Report]:
    """The reports of ``count`` students, sorted by student; what they say as ``say`` has it."""
    draw = random.Random(seed)
    checks = list(_declared_checks(SPEC))
    hard = {name: draw.gauss(-2.6, 0.7) for _exercise, name, *_rest in checks}
    hard["test_every_call_starts_afresh"] = -6.0  # nearly all pass
    reports = [_report(number, draw, checks, hard, say) for number in range(count)]
    return sorted(reports, key=lambda report: report.student)


def _report(
    number: int,
    draw: random.Random,
    checks: Sequence[tuple[str, str, int, Visibility]],
    hard: dict[str, float],
    say: Callable[[str], str],
) -> Report:
    given, family = draw.choice(_GIVEN.split()), draw.choice(_FAMILY.split())
    student = f"{given}.{family.lower()}{number:04d}"
    ability = draw.gauss(0, 1)
    luck = draw.random()
    not_begun = {one.name for one in SPEC.exercises if draw.random() < 0.02 * (1.6 - ability)}
    if luck < 0.02:
        not_begun = {one.name for one in SPEC.exercises}
    careful = [one for one in _MISTAKES if draw.random() * 100 < one[2] * (1.3 - 0.5 * ability)]
    shown: dict[str, MisconceptionText] = {}
    breaks = 0.985 < luck < 0.987
    exercises = []
    for exercise in SPEC.exercises:
        results = []
        for of, name, points, visibility in checks:
            if of != exercise.name:
                continue
            mistake = next((one for one in careful if re.search(one[3], name)), None)
            # The strong fail one that is wrong more often than the weak.
            strength = -1.3 * ability if name == _TURNED_ROUND else 1.3 * ability
            by_chance = draw.random() < 1 / (1 + math.exp(strength - hard[name]))
            outcome = Outcome.PASSED
            if exercise.name in not_begun or by_chance or mistake:
                outcome = Outcome.FAILED
            if breaks and name == checks[-1][1]:
                outcome = Outcome.ERRORED
            named = outcome is Outcome.FAILED and of not in not_begun and mistake
            if named:
                shown[mistake[0]] = MisconceptionText(
                    name=mistake[0], to_student="…", to_instructor=say(mistake[1]), read_on="1"
                )
            score = points if outcome is Outcome.PASSED else 0
            results.append(
                CheckResult(
                    name=name, title=say(sentence(name)), visibility=visibility,
                    outcome=outcome, max_score=points,
                    score=None if outcome is Outcome.ERRORED else score,
                    detail="RuntimeError: no answer came" if outcome is Outcome.ERRORED else "",
                    misconception=mistake[0] if named else None,
                )
            )  # fmt: skip
        errored = any(one.outcome is Outcome.ERRORED for one in results)
        total = None if errored else sum(one.score or 0 for one in results)
        exercises.append(
            ExerciseResult(
                name=exercise.name, score=total, max_score=exercise.points, checks=tuple(results)
            )
        )
    scores = [one.score for one in exercises]
    score = None if None in scores else sum(one or 0 for one in scores)
    return report_of(student, tuple(exercises), score, tuple(shown.values()), draw, luck)


def report_of(
    student: str,
    exercises: tuple[ExerciseResult, ...],
    score: int | None,
    misconceptions: tuple[MisconceptionText, ...],
    draw: random.Random,
    luck: float,
) -> Report:
    """The report round what was answered: when it came, how long it took, what is remarked."""
    remarks: tuple[Remark, ...] = ()
    file: str | None = "convolutions.ipynb"
    if 0.94 < luck < 0.948:
        remarks = (Remark(text="corr2d uses conv2d", audience="instructor"),)
    if luck > 0.996:  # nothing could be read
        said = f"{student}/convolutions: holds neither convolutions.ipynb nor convolutions.py"
        remarks = (Remark(text=f"{said}\n  fix: hand in one of the two"),)
        exercises = tuple(
            ExerciseResult(name=one.name, score=None, max_score=one.max_score, checks=())
            for one in exercises
        )
        score, misconceptions, file = None, (), None
    early = draw.expovariate(1 / 20) - 2  # hours before the deadline
    when = DEADLINE - datetime.timedelta(hours=early)
    late = max(0, round(-early * 3600))
    is_known = luck < 0.997 and file is not None
    endless = draw.random() < 0.01
    seconds = 10 + draw.random() if endless else 0.1 * math.exp(draw.gauss(0.2, 0.5))
    return Report(
        assignment=SPEC.name, student=student, score=score, max_score=SPEC.points,
        submission=SubmittedFile(
            file=file, sha256=None if file is None else "0" * 64,
            submitted_at=when.isoformat() if is_known else None,
            submitted_at_source="timestamp.txt" if is_known else None,
            late_seconds=late if is_known else 0,
        ),
        late_penalty=10.0 if late and is_known and score else 0.0,
        exercises=exercises, misconceptions=misconceptions, remarks=remarks,
        duration_seconds=round(seconds, 4) if file else 0.0,
        provenance=Provenance(
            grader_version="0", tests_sha256="0", secret_fingerprint="0", seed="0", torch="0",
            python="0", sandbox_layers=("bubblewrap",), graded_at="2026-10-02T08:00:00+00:00",
        ),
    )  # fmt: skip


def _declared_checks(spec: AssignmentSpec) -> Iterator[tuple[str, str, int, Visibility]]:
    """Exercise, name, points and visibility of the assignment's checks, without running a file."""
    folders = {
        Visibility.VISIBLE: COURSE.visible_checks(spec.name),
        Visibility.HIDDEN: COURSE.hidden_checks(spec.name),
    }
    found = [
        (exercise, name, points, visibility)
        for visibility, folder in folders.items()
        for path in sorted(folder.glob("test_*.py"))
        for exercise, name, points in _declared_in(path)
    ]
    order = [exercise.name for exercise in spec.exercises]
    yield from sorted(found, key=lambda one: order.index(one[0]))


def _declared_in(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            call = node.decorator_list[0]
            assert isinstance(call, ast.Call)
            points = next(one.value for one in call.keywords if one.arg == "points")
            yield ast.literal_eval(call.args[0]), node.name, ast.literal_eval(points)
